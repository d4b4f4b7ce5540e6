import { useInfiniteQuery } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { Answer } from '../types';

export type AuditPage = Answer<'AuditPage'>;
export type AuditEntry = AuditPage['entries'][number];
/** Whose entries: of a reader study with all that belongs to it, of a read, or all. */
export type AuditScope = { readerStudy: string } | { read: string } | 'all';

function fetchPage(of: AuditScope, action: string, page: number): Promise<AuditPage> {
  const query = { page, ...(action === '' ? {} : { action }) };
  if (of === 'all') return unwrap(api.GET('/api/audit/', { params: { query } }));
  if ('read' in of) return unwrap(api.GET('/api/reads/{read_id}/audit/', { params: { path: { read_id: of.read }, query } }));
  return unwrap(api.GET('/api/reader-studies/{reader_study_id}/audit/', { params: { path: { reader_study_id: of.readerStudy }, query } }));
}

export function useAudit(of: AuditScope, action: string) {
  return useInfiniteQuery({
    queryKey: ['audit', of, action],
    queryFn: ({ pageParam }) => fetchPage(of, action, pageParam),
    initialPageParam: 1,
    getNextPageParam: (last) => last.next,
  });
}
