/** Adding a lesion from one point: a region that follows its rule until it is accepted. */

import type { Vec3 } from '../../../viewer/grid';
import type { PaneId } from '../../../viewer/panes';
import { CLIMB_RADIUS_MM, climbToMaximum, type Grown, type LocalMaximum } from '../../../viewer/regionGrowing';
import { fillPatch } from '../../../viewer/strokes';
import { formatMl, formatNumber } from '../../../ui/format';
import type { Change } from '../editor';
import { following, seedRules } from './allowed';
import { Answers } from './answers';
import { between, type SeedRule, tidy } from './options';
import { TOOL_TEXT } from './text';
import type { Bench, EditingTool, Fact, Spot } from './tool';

const LOCAL: ReadonlySet<SeedRule> = new Set(['percent', 'fixed', 'roi']);
const RADIUS_STEP_MM = 5;
/** As far as an answer under a second reaches. */
export const FARTHEST_LOCAL_MM = 60;
const FARTHEST_BACKGROUND_MM = 100;

interface Seed {
  readonly voxel: Vec3;
  readonly pane: PaneId | 'mip';
  readonly top: LocalMaximum;
}

interface Limit {
  readonly suv: number;
  readonly method: string;
  /** As the lesion's boundary rule says it. */
  readonly rule: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export class AddTool implements EditingTool {
  readonly name = 'add';
  readonly keys = { d: () => this.nextRule() };
  private seed: Seed | null = null;
  private grown: { limit: Limit; region: Grown; label: number } | null = null;
  private readonly answers: Answers;

  constructor(private readonly bench: Bench) {
    this.answers = new Answers(bench);
  }

  enter(under: Spot | null): void {
    if (under?.voxel) this.plant(under.voxel, under.pane);
  }

  begin(at: Spot): void {
    if (at.voxel === null) return this.bench.say(TOOL_TEXT.pointFirst);
    this.plant(at.voxel, at.pane);
  }

  /** Starts a preview at a voxel. Says why when there can be none. */
  plant(voxel: Vec3, pane: PaneId | 'mip'): void {
    const { image, labels } = this.bench;
    if (!image.hasSuv) return this.bench.say(TOOL_TEXT.thresholdsOff);
    const taken = labels.at(image.grid.flat(...voxel));
    if (taken !== 0) {
      this.bench.select(taken);
      return this.bench.say(TOOL_TEXT.alreadyLesion(taken));
    }
    this.cancel();
    this.seed = { voxel, pane, top: climbToMaximum(image.values, image.grid, voxel) };
    this.grow();
  }

  /** One notch of Ctrl + wheel: up raises the threshold, or widens the sphere of a method without one. */
  step(notches: number): void {
    const { options } = this.bench;
    if (this.seed === null) return;
    if (options.seedRule === 'percent') this.bench.set({ percent: between(options.percent + notches, 1, 99) });
    else if (options.seedRule === 'fixed') this.bench.set({ fixedSuv: between(tidy(options.fixedSuv + notches * 0.1), 0.1, 200) });
    else if (options.seedRule === 'background') this.bench.set({ backgroundPercent: between(options.backgroundPercent + notches, 1, 99) });
    else if (options.seedRule === 'roi') this.leaveRoi(notches);
    else this.bench.set({ localRadiusMm: between(options.localRadiusMm + notches * RADIUS_STEP_MM, 5, FARTHEST_LOCAL_MM) });
  }

  /** The radius that stops a leak. */
  resize(steps: number): void {
    const local = this.bench.options.seedRule === 'gradient' || this.bench.options.seedRule === 'flab';
    if (local) this.bench.set({ localRadiusMm: between(this.bench.options.localRadiusMm + steps * RADIUS_STEP_MM, 5, FARTHEST_LOCAL_MM) });
    else this.bench.set({ stopRadiusMm: between(this.bench.options.stopRadiusMm + steps * RADIUS_STEP_MM, 5, 300) });
  }

  refresh(): void {
    if (this.seed !== null) this.grow();
  }

  accept(): void {
    const change = LOCAL.has(this.bench.options.seedRule) ? this.change() : this.answers.take();
    if (change === null) return;
    this.seed = this.grown = null;
    this.bench.commit(change);
  }

  cancel(): boolean {
    const any = this.seed !== null;
    this.seed = this.grown = null;
    this.answers.drop();
    return any;
  }

  private nextRule(): void {
    this.bench.set({ seedRule: following(seedRules(this.bench.allowed), this.bench.options.seedRule) });
  }

  /** A threshold that a ROI gave is not turned: turning makes it a fixed one. */
  private leaveRoi(notches: number): void {
    const suv = this.bench.roiRecords[0]?.threshold_suv;
    if (suv !== undefined) this.bench.set({ seedRule: 'fixed', fixedSuv: between(tidy(suv + notches * 0.1), 0.1, 200) });
  }

  private grow(): void {
    const { seedRule } = this.bench.options;
    if (LOCAL.has(seedRule)) {
      this.answers.drop();
      this.growHere();
    } else {
      this.grown = null;
      this.growThere();
    }
  }

  private limit(top: LocalMaximum): Limit | null {
    const { options, roiRecords } = this.bench;
    if (options.seedRule === 'percent') {
      const { percent } = options;
      const parameters = { percent, maximum_suv: top.suv, climb_radius_mm: CLIMB_RADIUS_MM };
      return { suv: (top.suv * percent) / 100, method: 'percent_of_maximum', rule: `${percent} % of ${top.suv.toFixed(2)}`, parameters };
    }
    if (options.seedRule === 'fixed') return { suv: options.fixedSuv, method: 'fixed', rule: 'fixed', parameters: {} };
    const roi = roiRecords[0];
    if (roi === undefined) return null;
    // The server measures the region again from its place: its numbers are the record.
    const rois = [{ organ: roi.organ, centre_xyz_mm: [...roi.centre_xyz_mm], diameter_mm: roi.diameter_mm }];
    return { suv: roi.threshold_suv, method: roi.organ, rule: roi.organ, parameters: { rois } };
  }

  /** In the browser: under 30 ms a step, so the outline follows the wheel. */
  private growHere(): void {
    const { seed, bench } = this;
    if (seed === null) return;
    const limit = this.limit(seed.top);
    const { image, labels, options } = bench;
    // Always from the local maximum: pointing near a lesion is enough.
    const blocked = labels.labels;
    const region = limit === null ? null : image.grower.grow(seed.top.index, limit.suv, { stopRadiusMm: options.stopRadiusMm, blocked });
    const label = labels.nextLabel();
    this.grown = limit !== null && region !== null ? { limit, region, label } : null;
    bench.show({
      tool: 'add',
      title: TOOL_TEXT.add.title,
      rule: limit === null ? TOOL_TEXT.add.rules.roi : this.ruleText(seed.top),
      regions: region === null ? [] : [{ voxels: region.voxels, label, erases: false }],
      facts: limit === null || region === null ? [] : this.facts(limit, region),
      warnings: region?.stopped ? [TOOL_TEXT.leaks] : [],
      problem: limit === null ? TOOL_TEXT.add.noRoi : region !== null && region.voxels.length > 0 ? null : this.problem(seed.top.index),
      busy: false,
      at: seed.voxel,
      pane: seed.pane,
      stepHint: TOOL_TEXT.stepThreshold,
    });
  }

  private facts(limit: Limit, { voxels }: Grown): Fact[] {
    const { values, grid } = this.bench.image;
    let highest = -Infinity;
    for (const index of voxels) if ((values[index] as number) > highest) highest = values[index] as number;
    const threshold: Fact = { id: 'threshold', before: 'SUV > ', value: formatNumber(limit.suv, 2) };
    if (voxels.length === 0) return [threshold];
    return [
      threshold,
      { id: 'volume', value: formatMl(voxels.length * grid.voxelVolumeMl), after: ' mL' },
      { id: 'max', before: 'max ', value: formatNumber(highest, 1) },
    ];
  }

  private ruleText(top: LocalMaximum): string {
    const { options, roiRecords } = this.bench;
    if (options.seedRule === 'percent') return `${formatNumber(options.percent, 0)} % of ${formatNumber(top.suv, 1)}`;
    if (options.seedRule === 'fixed') return TOOL_TEXT.add.rules.fixed;
    return TOOL_TEXT.add.organ(roiRecords[0]?.organ ?? '');
  }

  private growThere(): void {
    const { seed, bench } = this;
    if (seed === null) return;
    const { options, labels } = bench;
    const label = labels.nextLabel();
    const common = { seed_xyz: [...seed.voxel], label };
    const rules = {
      background: { method: 'seed_background', parameters: { ...common, fraction: options.backgroundPercent / 100, stop_radius_mm: Math.min(options.stopRadiusMm, FARTHEST_BACKGROUND_MM) } },
      gradient: { method: 'seed_gradient', parameters: { ...common, stop_radius_mm: options.localRadiusMm } },
      flab: { method: 'seed_flab', parameters: { ...common, radius_mm: options.localRadiusMm } },
    } as const;
    const rule = options.seedRule as keyof typeof rules;
    const radius = TOOL_TEXT.radius(formatNumber(options.localRadiusMm, 0));
    void this.answers.ask({
      ...rules[rule],
      look: {
        tool: 'add',
        title: TOOL_TEXT.add.title,
        rule: rule === 'background' ? TOOL_TEXT.add.background(options.backgroundPercent) : `${TOOL_TEXT.add.rules[rule]} · ${radius}`,
        at: seed.voxel,
        pane: seed.pane,
        stepHint: rule === 'background' ? TOOL_TEXT.stepThreshold : TOOL_TEXT.stepRadius,
      },
      select: label,
    });
  }

  private problem(from: Vec3): string {
    const taken = this.bench.labels.at(this.bench.grid.flat(...from));
    return taken !== 0 ? TOOL_TEXT.blockedByLesion(taken) : TOOL_TEXT.nothingAbove;
  }

  /** The edit that adds the region; null while there is none. */
  private change(): Change | null {
    const { grown, seed, bench } = this;
    if (grown === null || seed === null || grown.region.voxels.length === 0) return null;
    const { limit, region, label } = grown;
    return {
      patch: fillPatch(bench.labels, region.voxels, label),
      tool: 'add_seed',
      parameters: {
        method: limit.method,
        threshold_suv: limit.suv,
        ...limit.parameters,
        seed_index_xyz: [...seed.voxel],
        maximum_index_xyz: [...seed.top.index],
        stop_radius_mm: bench.options.stopRadiusMm,
        stopped: region.stopped,
        connectivity: 26,
      },
      lesions: [{ label, boundary_rule: `SUV > ${limit.suv.toFixed(2)} (${limit.rule})` }],
      select: label,
    };
  }
}
