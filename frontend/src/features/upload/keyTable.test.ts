import { describe, expect, it } from 'vitest';

import { matchingKeys } from './keyTable';

const KEYS = [
  { pseudonym: 'PT-0001', source_patient_id: '4711', source_patient_name: 'Phantom^One' },
  { pseudonym: 'PT-0002', source_patient_id: '4712', source_patient_name: 'Phantom^Two' },
  { pseudonym: 'PT-0003', source_patient_id: '9', source_patient_name: '' },
];
const found = (search: string) => matchingKeys(KEYS, search).map((key) => key.pseudonym);

describe('the search in the key table', () => {
  it('shows all without a search', () => {
    expect(found('  ')).toHaveLength(3);
  });
  it('finds by pseudonym, number and name in any case and order', () => {
    expect(found('pt-0003')).toEqual(['PT-0003']);
    expect(found('4712')).toEqual(['PT-0002']);
    expect(found('one phantom')).toEqual(['PT-0001']);
    expect(found('phantom 4713')).toEqual([]);
  });
});
