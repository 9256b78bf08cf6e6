import { join } from "node:path";
import { S3Server } from "../../s3-servers.js";
import { startBoto3, startTfsaver } from "../side.js";
import type { Workload } from "../workload.js";

/** A bucket, and the tensors of a checkpoint in it. */
export interface S3Bench {
  readonly url: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly count: number;
  /** Bytes of each tensor. */
  readonly bytes: number;
}

const MIB = 1 << 20;
const [FULL, QUICK] = [
  { count: 64, bytes: 64 * MIB },
  { count: 3, bytes: 8 * MIB },
];
/** Memory that a save or restore may take beside the tensors (96 MiB). */
const MOST_EXTRA = 96 * MIB;
/** This library may take a quarter longer than the transfer manager, which only moves bytes. */
const BAR = 0.8;

/** Saves and restores a checkpoint in a bucket of a server on this machine, beside boto3, which copies files of the same size. */
export const s3: Workload = async (bench) => {
  const server = await S3Server.versitygw(bench.folder);
  const [ours, theirs] = [startTfsaver(), startBoto3()];
  const size = bench.quick ? QUICK : FULL;
  const place = { url: server.url, bucket: "bench", ...S3Server.credentials };
  const params: S3Bench = { ...place, ...size };
  const [source, target] = [join(bench.folder, "boto3"), join(bench.folder, "boto3-back")];
  try {
    await ours.ask("makeBucket", params);
    await theirs.ask("make_file", { path: source, ...size });
    const what = `${size.count} tensors of ${size.bytes} bytes`;
    const contests = {
      [`save ${what}`]: [() => ours.ask("saveToS3", params), () => theirs.ask("upload", { path: source, ...place })],
      [`restore ${what}`]: [
        () => ours.ask("restoreFromS3", params),
        () => theirs.ask("download", { path: target, ...place }),
      ],
    } as const;
    for (const [name, [tfsaver, boto3]] of Object.entries(contests)) {
      const { results } = await bench.compare({
        workload: "s3",
        what: name,
        bars: { boto3: BAR },
        contestants: { tfsaver, boto3 },
      });
      const extra = results[0]?.extraBytes ?? 0;
      bench.note(
        `s3: ${name} took ${Math.round(extra / MIB)} MiB beside the tensors, at most ${MOST_EXTRA / MIB} expected`,
      );
    }
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
    await server.close();
  }
};
