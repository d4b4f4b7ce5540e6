/**
 * Methods that the server computes. A newer question aborts the one before it, and an answer that
 * comes too late is dropped: what is on the screen always belongs to the last question.
 */

import type { LesionEdit, Proposal as Answered, Question } from '../../../api/types';
import { decodePatch, type Patch } from '../../../viewer/patch';

/** As the server answers. */
export type ProposalAnswer = Pick<Answered, 'patch' | 'lesions' | 'tool' | 'parameters' | 'report'>;

export type Method = Question['method'];

export interface Proposal {
  readonly patch: Patch;
  readonly lesions: LesionEdit[];
  readonly tool: string;
  readonly parameters: Record<string, unknown>;
  readonly report: Report;
}

export interface Report {
  readonly numbers: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface ProposalHost {
  /** Resolves with the newest version once the server has all edits. */
  stored(): Promise<string>;
  post(question: Question, signal: AbortSignal): Promise<ProposalAnswer>;
  record(kind: 'computing_begin' | 'computing_end', data: Record<string, unknown>): void;
}

export class Proposals {
  private counter = 0;
  private controller: AbortController | null = null;

  constructor(private readonly host: ProposalHost) {}

  /** The answer; null when a newer question or `forget` overtook it. Throws what the server refused. */
  async ask(method: Method, parameters: Record<string, unknown>): Promise<Proposal | null> {
    this.forget();
    const mine = ++this.counter;
    const controller = (this.controller = new AbortController());
    const { signal } = controller;
    const overtaken = (): boolean => mine !== this.counter;
    this.host.record('computing_begin', { method });
    try {
      const version = await unlessAborted(this.host.stored(), signal);
      const answer = await this.host.post({ version, method, parameters }, signal);
      return overtaken() ? null : read(answer);
    } catch (error) {
      if (overtaken()) return null;
      throw error;
    } finally {
      this.host.record('computing_end', { method, overtaken: overtaken() });
      if (!overtaken()) this.controller = null;
    }
  }

  /** Aborts what is under way; its answer is dropped. */
  forget(): void {
    this.counter += 1;
    this.controller?.abort();
    this.controller = null;
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('Overtaken.', 'AbortError')), { once: true });
    promise.then(resolve, reject);
  });
}

function read({ patch, lesions, tool, parameters, report }: ProposalAnswer): Proposal {
  return { patch: decodePatch(patch), lesions: [...lesions], tool, parameters: { ...parameters }, report: readReport(report) };
}

function readReport(raw: Readonly<Record<string, unknown>>): Report {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(raw)) if (typeof value === 'number' && Number.isFinite(value)) numbers[name] = value;
  const given = Array.isArray(raw['warnings']) ? (raw['warnings'] as unknown[]) : [];
  const warnings = given.flatMap((one) => (isRecord(one) && typeof one['message'] === 'string' ? [one['message']] : []));
  return { numbers, warnings, raw };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
