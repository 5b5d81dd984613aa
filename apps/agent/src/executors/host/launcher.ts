import { quote } from './tools.ts';

/** What every started job goes through before its own program runs. */
export type Chain = {
  /** Files of the control group to enter; empty without one. */
  readonly joinFiles: readonly string[];
  /** The user to become; undefined: stay who we are. */
  readonly uid: number | undefined;
  readonly rlimits: { readonly fileBytes?: number; readonly openFiles: number };
  /** Cores to stay on, where no control group shares them out. */
  readonly cpus: readonly number[] | undefined;
  readonly command: readonly string[];
};

/** What a launcher with a mount namespace of its own lays out for the sandbox. */
export type Stage = {
  /** Folders that show up at a path which the job's user can reach: `source` to `target`. */
  readonly binds: readonly { readonly source: string; readonly target: string }[];
  readonly image:
    | { readonly path: string; readonly target: string; readonly make: readonly string[] }
    | undefined;
  /** After the job: what is in `from` is copied to `to`. */
  readonly copyOut: { readonly from: string; readonly to: string } | undefined;
};

const words = (args: readonly string[]): string => args.map(quote).join(' ');

/**
 * Enter the control group while we may, take the limits, become the job's user, and only then the sandbox. The signal at
 * the parent's death is set after the change of user, which clears it.
 */
function chainScript({ joinFiles, uid, rlimits, cpus, command }: Chain): string {
  const join = joinFiles.map((path) => `echo 0 > ${quote(path)} || exit 125;`).join(' ');
  const { fileBytes, openFiles } = rlimits;
  const steps = [
    ...(cpus ? ['taskset', '-c', cpus.join(',')] : []),
    ...['setpriv', '--pdeathsig', 'KILL', '--no-new-privs'],
    ...(uid === undefined ? [] : becoming(uid)),
    ...command,
  ];
  // Counted in blocks of 512 bytes, as POSIX has it.
  const fileLimit = fileBytes === undefined ? '' : `ulimit -f ${Math.ceil(fileBytes / 512)} || exit 125;`;
  return `${join} ulimit -c 0; ulimit -n ${openFiles} || exit 125; ${fileLimit} exec ${words(steps)}`;
}

const becoming = (uid: number): string[] => [
  ...['--reuid', String(uid), '--regid', String(uid), '--clear-groups'],
  ...['--bounding-set=-all', '--inh-caps=-all'],
];

const parentCheck = (agentPid: number): string => `[ "$PPID" = ${agentPid} ] || exit 125;`;

/** For an agent without root: nothing to lay out, the shell becomes the sandbox. */
export function plainLauncher(agentPid: number, chain: Chain): string[] {
  const script = `${parentCheck(agentPid)} ${chainScript(chain)}`;
  return ['setpriv', '--pdeathsig', 'KILL', '/bin/sh', '-c', script];
}

/**
 * For a root agent: mounts in a namespace of its own, which vanish with its last process however that dies. Reports on
 * fd 4 and, before it reads what a job left, waits there until the agent has seen the whole job dead.
 */
export function stagingLauncher(agentPid: number, chain: Chain, stage: Stage): string[] {
  const lines = [
    parentCheck(agentPid),
    ...warmUp(chain),
    `fail() { printf '{"failed":"%s"}\\n' "$1" >&4; exit 125; }`,
    ...(stage.image ? [`${words(stage.image.make)} & made=$!`] : []),
    ...stage.binds.map(
      ({ source, target }) =>
        `mount -n -i --bind ${quote(source)} ${quote(target)} || fail 'a folder of the job could not be mounted'`,
    ),
  ];
  if (stage.image) {
    const { path, target } = stage.image;
    lines.push(
      `wait $made || fail 'the disk of the job could not be made'`,
      `mount -n -i -t ext4 -o loop,nosuid,nodev,noatime,discard ${quote(path)} ${quote(target)} || fail 'the disk of the job could not be mounted'`,
    );
  }
  lines.push(
    `( ${chainScript(chain)} )`,
    `printf '{"ended":%d}\\n' $? >&4`,
    ...(stage.copyOut ? copyOut(stage.copyOut) : []),
  );
  if (stage.image)
    lines.push(
      `stat -f -c '{"blocks":%b,"freeBlocks":%a,"blockBytes":%S,"freeInodes":%d}' ${quote(stage.image.target)} >&4`,
    );
  return [
    ...['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private'],
    ...['/bin/sh', '-c', lines.join('\n')],
  ];
}

/**
 * To enter a group the kernel may wait a grace period, some 10 ms, but not again right after: a shell that enters and ends
 * spends that time while the disk is made.
 */
const warmUp = ({ joinFiles: [first] }: Chain): string[] =>
  first === undefined ? [] : [`( echo 0 > ${quote(first)} ) 2>/dev/null &`];

/** Without `--preserve=mode` no set-user-id bit survives: the copies belong to the agent's user. */
function copyOut({ from, to }: { from: string; to: string }): string[] {
  return [
    'read -r go <&4 || exit 125',
    `cp -R -P --preserve=links,timestamps ${quote(`${from}/.`)} ${quote(`${to}/`)} || fail 'what the job left could not be copied'`,
  ];
}
