/** Lists and verifies the checkpoint of the first argument, and prints the result and the peak memory as JSON. */
import { listVariables } from "@tfsaver/checkpoint-reader";
import { verifyCheckpoint } from "@tfsaver/checkpoint-tools";

const prefix = process.argv[2] as string;
const { length } = await listVariables(prefix);
const { tensors, bytes, problems } = await verifyCheckpoint(prefix);
if (tensors !== length) throw new Error(`listed ${length} tensors, but verified ${tensors}`);
const resident = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ tensors, bytes, problems: problems.length, resident }));
