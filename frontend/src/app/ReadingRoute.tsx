import { lazy, Suspense } from 'react';
import { useParams } from 'react-router';

import css from './app.module.css';
import { text } from './text';

// Cornerstone3D is most of the code: only those who read load it.
const ReadingRoom = lazy(async () => ({ default: (await import('../features/reading/ReadingRoom')).ReadingRoom }));

export function ReadingRoute() {
  const { id = '' } = useParams();
  return (
    <Suspense fallback={<p className={css.opening}>{text.openingRoom}</p>}>
      <ReadingRoom key={id} readId={id} />
    </Suspense>
  );
}
