/**
 * Gives requests to the instances of a service that has a fixed number of them: in turn or to the least busy, never
 * more at once than each may have, to none that is not up to it.
 *
 * Knows nothing of HTTP, nor how an instance is started or stopped.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import type { StateName } from '../model.ts';
import type { Client, Outside } from '../outside.ts';
import type { Dispatch, Ending, Outcome, Taken, Wish } from '../scaling/dispatch.ts';
import { Legacy } from '../scaling/legacy.ts';
import { waitingEnds } from '../scaling/patience.ts';
import { choose } from './balance.ts';
import { Seat } from './seat.ts';
import { Sleep, type SleepOptions } from './sleep.ts';
import { WaitingLine } from './waiting-line.ts';

export interface BalancedOptions extends SleepOptions {
  readonly outside: Pick<Outside, 'clock' | 'sockets'>;
}

export class Balanced implements Dispatch {
  readonly #options: BalancedOptions;
  readonly #line: WaitingLine;
  readonly #sleep: Sleep;
  #seats: Seat[] = [];
  readonly #seatOf = new WeakMap<Instance, Seat>();
  /** The seats that requests go to now, in order; undefined: to be found out. */
  #ready: readonly Seat[] | undefined;
  /** The index of the instance that was taken last. */
  #last = -1;
  #after = -1;
  #isSettling = false;
  /** What its instances still have, once another way has taken its place. */
  #legacy: Legacy | undefined;
  #over = false;

  constructor(options: BalancedOptions) {
    this.#options = options;
    this.#line = new WaitingLine(options.outside.clock);
    this.#sleep = new Sleep(options, () => this.#seats);
    this.#arrange();
    // Those that another way has left running may be idle from the beginning.
    this.#sleep.watch();
  }

  get waiting(): number {
    return this.#line.length;
  }

  busy(instance: Instance): number {
    return this.#seatOf.get(instance)?.busy ?? 0;
  }

  // -------------------------------------------------------------------------------------------------- giving

  take(wish: Wish, client?: Client): Outcome | Promise<Outcome> {
    const seat = this.#choose(wish);
    return seat === undefined ? this.#wait(wish, client) : this.#give(seat);
  }

  adopt(instance: Instance): Taken | undefined {
    const seat = this.#seatOf.get(instance);
    return seat === undefined ? undefined : this.#give(seat);
  }

  yieldTo(heir: Dispatch): void {
    this.#legacy = new Legacy(heir);
    for (const { instance, busy, lasting } of this.#seats) this.#legacy.leave(instance, busy, lasting);
    this.#line.move();
  }

  #choose(wish: Wish): Seat | undefined {
    const ready = this.#readySeats();
    const most = this.#options.hands.spec.requests.concurrency ?? Number.POSITIVE_INFINITY;
    if (wish.directed !== undefined) {
      // Whoever names one wants to see this one, even if it failed lately.
      const seat = this.#seats.find(({ index }) => index === wish.directed);
      return seat?.isOpen === true && seat.busy < most && !wish.without.includes(seat.instance.name)
        ? seat
        : undefined;
    }
    if (wish.prefer !== undefined) {
      const seat = ready.find(({ instance }) => instance.name === wish.prefer);
      if (seat !== undefined && seat.busy < most && !wish.without.includes(seat.instance.name)) return seat;
    }
    const { balance } = this.#options.hands.spec;
    if (wish.without.length === 0) return this.#next(ready[choose(balance, ready, this.#after, most)]);
    const others = bestOf(this.#seats.filter(({ instance }) => !wish.without.includes(instance.name)));
    return this.#next(others[choose(balance, others, positionIn(others, this.#last), most)]);
  }

  /** The turn goes on from here. */
  #next(seat: Seat | undefined): Seat | undefined {
    if (seat === undefined) return undefined;
    this.#last = seat.index;
    this.#after = this.#readySeats().indexOf(seat);
    return seat;
  }

  #give(seat: Seat): Taken {
    seat.busy += 1;
    return new Turn(seat, this.#ended);
  }

  /** An exchange has been counted out of its seat, or (without an ending) has become one that lasts. */
  readonly #ended = (seat: Seat, life: number, lasts: boolean, ending: Ending | undefined): void => {
    if (this.#legacy !== undefined) {
      if (ending === undefined) this.#legacy.lasts(seat.instance);
      else this.#legacy.ended(seat.instance, lasts, ending);
      return;
    }
    // What became of a life that is over says nothing about the next one.
    if (seat.life === life) this.#learn(seat, ending);
    if (seat.busy === 0 && seat.lasting === 0) this.#sleep.rested(seat);
    if (this.#line.length > 0) this.#serve();
  };

  #learn(seat: Seat, ending: Ending | undefined): void {
    if (ending?.failed === true) this.#failed(seat);
    else if (ending?.status !== undefined) seat.answered();
  }

  #serve(): void {
    this.#line.serve((wish) => {
      const seat = this.#choose(wish);
      return seat === undefined ? undefined : this.#give(seat);
    });
  }

  #readySeats(): readonly Seat[] {
    if (this.#ready !== undefined) return this.#ready;
    this.#ready = bestOf(this.#seats);
    this.#after = positionIn(this.#ready, this.#last);
    return this.#ready;
  }

  // ------------------------------------------------------------------------------------------------- waiting

  #wait(wish: Wish, client: Client | undefined): Outcome | Promise<Outcome> {
    const { hands, outside } = this.#options;
    // Another try of a request that was refused is for those who can take it at once.
    if (wish.without.length > 0) return { kind: 'nobody' };
    this.#sleep.wake(this.#meant(wish), wish.directed !== undefined);
    if (!this.#isHopeful(wish)) return { kind: 'nobody' };
    return this.#line.join(wish, {
      until: waitingEnds(hands.spec, wish.since ?? outside.clock.now()),
      late: () => (this.#isFull(wish) ? { kind: 'nobody', full: true } : { kind: 'nobody' }),
      client,
    });
  }

  #isFull(wish: Wish): boolean {
    return this.#meant(wish).some(({ isOpen }) => isOpen);
  }

  #meant({ directed }: Wish): readonly Seat[] {
    return directed === undefined ? this.#seats : this.#seats.filter(({ index }) => index === directed);
  }

  /**
   * Whether waiting may help. Who starts when somebody says so is not waited for here: the front door has patience of
   * its own for those.
   */
  #isHopeful(wish: Wish): boolean {
    if (this.#isFull(wish)) return true;
    return (
      this.#sleep.isWakeable && this.#meant(wish).some(({ instance }) => this.#sleep.isOnItsWay(instance))
    );
  }

  // ---------------------------------------------------------------------------------------- asleep and awake

  isAsleep(instance: Instance): boolean {
    return this.#sleep.isAsleep(instance);
  }

  begin(): readonly Instance[] {
    this.#sleep.isWanted = true;
    const { spec, instances } = this.#options.hands;
    for (const instance of instances) this.#options.hands.changed(instance);
    return spec.requests.startOnRequest ? [] : instances;
  }

  end(): void {
    this.#sleep.isWanted = false;
    this.#line.dismiss(() => true);
    for (const instance of this.#options.hands.instances) this.#options.hands.changed(instance);
  }

  // ------------------------------------------------------------------------------------------- out of service

  outOfService(instance: Instance): string | undefined {
    const seat = this.#seatOf.get(instance);
    if (seat?.isOut !== true || this.#readySeats().includes(seat)) return undefined;
    return 'requests to it failed several times in a row; it is tried again by itself';
  }

  #failed(seat: Seat): void {
    if (!seat.isOpen || !seat.failed()) return;
    this.#options.hands.say(
      'warn',
      `${seat.instance.name} gets no requests for now: several in a row failed`,
    );
    this.#changedService();
    this.#lookLater(seat);
  }

  /** Half open: it is asked whether it accepts connections, and gets a request again once it does. */
  #lookLater(seat: Seat): void {
    const { clock, sockets } = this.#options.outside;
    const look = clock.after(seat.pauseMs, () => {
      void sockets.canConnect(seat.host, seat.port).then((connects) => {
        // It may live another life by now, which has nothing to do with this look.
        if (seat.look !== look || this.#over) return;
        seat.look = undefined;
        if (!connects) {
          seat.stillOut();
          this.#lookLater(seat);
          return;
        }
        seat.backOnTrial();
        this.#options.hands.say('info', `${seat.instance.name} gets requests again`);
        this.#changedService();
      });
    });
    seat.look = look;
  }

  /** Who is in service has changed, and with it perhaps what is said of the others. */
  #changedService(): void {
    this.#ready = undefined;
    for (const { instance } of this.#seats) this.#options.hands.changed(instance);
    this.#serve();
  }

  // ---------------------------------------------------------------------------------------- what has changed

  moved(instance: Instance, to: StateName): void {
    const seat = this.#seatOf.get(instance);
    if (seat === undefined) return;
    const wasOut = seat.isOut;
    seat.renew(this.#options.outside.clock.now());
    this.#ready = undefined;
    if (to === 'RUNNING') this.#sleep.watch();
    if (wasOut) this.#changedService();
    this.#settle();
  }

  noticed(instance: Instance): void {
    const seat = this.#seatOf.get(instance);
    if (seat === undefined) return;
    // Where it listens may be known later than that it runs.
    if (!seat.isOpen && instance.address !== undefined) seat.renew(this.#options.outside.clock.now());
    this.#ready = undefined;
    this.#settle();
  }

  redefined(_spec: ServiceSpec): void {
    this.#arrange();
    this.#sleep.redefined();
    this.#settle();
  }

  #arrange(): void {
    this.#seats = this.#options.hands.instances.map((instance) => {
      const known = this.#seatOf.get(instance);
      if (known !== undefined) return known;
      const seat = new Seat(instance);
      this.#seatOf.set(instance, seat);
      seat.renew(this.#options.outside.clock.now());
      return seat;
    });
    this.#ready = undefined;
  }

  /** Whoever can be served is; who waits in vain is told so. */
  #settle(): void {
    if (this.#line.length === 0) return;
    this.#serve();
    if (this.#isSettling) return;
    this.#isSettling = true;
    // In the midst of a change an instance may be in a state that it only passes through.
    queueMicrotask(() => {
      this.#isSettling = false;
      this.#line.dismiss((wish) => !this.#isHopeful(wish));
    });
  }

  filesChanged(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#over = true;
    this.#sleep.dispose();
    for (const seat of this.#seats) seat.look?.dispose();
    this.#line.dismiss(() => true);
  }
}

type Ended = (seat: Seat, life: number, lasts: boolean, ending: Ending | undefined) => void;

/** One request's turn with an instance. */
class Turn implements Taken {
  readonly kind = 'taken';
  readonly instance: Instance;
  readonly host: string;
  readonly port: number;
  readonly #seat: Seat;
  readonly #life: number;
  readonly #ended: Ended;
  #lasts = false;
  #over = false;

  constructor(seat: Seat, ended: Ended) {
    this.instance = seat.instance;
    this.host = seat.host;
    this.port = seat.port;
    this.#seat = seat;
    this.#life = seat.life;
    this.#ended = ended;
  }

  lasting(): void {
    if (this.#lasts || this.#over) return;
    this.#lasts = true;
    this.#seat.busy -= 1;
    this.#seat.lasting += 1;
    this.#ended(this.#seat, this.#life, true, undefined);
  }

  done(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#lasts) this.#seat.lasting -= 1;
    else this.#seat.busy -= 1;
    this.#ended(this.#seat, this.#life, this.#lasts, ending);
  }
}

/** The position of an instance by its index, or of the last one before its place where it is not among these. */
function positionIn(seats: readonly Seat[], index: number): number {
  return seats.findLastIndex((seat) => seat.index <= index);
}

/** Those that run and are well and in service; where there are none of these, the best there are. */
function bestOf(seats: readonly Seat[]): readonly Seat[] {
  const open = seats.filter(({ isOpen }) => isOpen);
  const well = someOf(open, ({ instance }) => instance.isHealthy);
  return someOf(well, ({ isOut }) => !isOut);
}

/** Those that are meant, or all where none is. */
function someOf<T>(all: readonly T[], meant: (each: T) => boolean): readonly T[] {
  const some = all.filter(meant);
  return some.length > 0 ? some : all;
}
