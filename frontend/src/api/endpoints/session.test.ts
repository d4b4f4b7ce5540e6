import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it } from 'vitest';

import type { Session } from '../types';
import { changeSession, sessionKey } from './session';

const session = (username: string | null): Session => ({
  user: username === null ? null : { id: 1, username, name: username, roles: [] },
  csrf_token: '',
  demo: false,
  version: '0',
  accounts: [],
});

it('a screen that listens to the session hears of the next one, and finds nothing of the one before', () => {
  const cache = new QueryClient();
  cache.setQueryData(sessionKey, session('anna'));
  cache.setQueryData(['worklist'], ['case of anna']);
  const observer = new QueryObserver<Session>(cache, { queryKey: sessionKey, staleTime: Infinity });
  const heard: (string | undefined)[] = [];
  const stop = observer.subscribe((result) => heard.push(result.data?.user?.username));
  changeSession(cache, session(null));
  stop();
  expect(observer.getCurrentResult().data?.user).toBeNull();
  expect(cache.getQueryData(['worklist'])).toBeUndefined();
});
