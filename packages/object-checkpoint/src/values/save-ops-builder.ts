import { canonicalDevice, formatDevice, type Graph, type Output, parseDevice } from "@tfsaver/graph";
import { BulkSaverBuilder, type SaveableObject, type Shard } from "@tfsaver/saver-builders";

/** Adds the save operations of a checkpoint: one shard for each task of a cluster, as TensorFlow's default policy has it. */
export class SaveOpsBuilder extends BulkSaverBuilder {
  buildSave(
    graph: Graph,
    saveables: readonly SaveableObject[],
  ): { readonly filename: Output; readonly saved: Output; readonly isSharded: boolean } {
    return graph.withNameScope("save_objects", () => {
      const filename = this.addFilename(graph, "model");
      const shards = this.groupByDevices(saveables);
      const isSharded = shards.length > 1;
      const saved = isSharded ? this.addShardedSaveOps(filename, shards) : this.addSaveOps(filename, saveables);
      return { filename, saved, isSharded };
    });
  }

  protected override groupByDevices(saveables: readonly SaveableObject[]): Shard[] {
    const byTask = new Map<string, SaveableObject[]>();
    for (const saveable of saveables) {
      const task = taskOf(saveable.device);
      const members = byTask.get(task);
      if (members === undefined) byTask.set(task, [saveable]);
      else members.push(saveable);
    }
    return [...byTask].map(([device, members]) => ({ device, saveables: members }));
  }
}

/** Returns the part of a device's name that says on which machine it is; empty for the machine that runs the graph. */
function taskOf(device: string): string {
  const { job, replica, task } = parseDevice(device);
  return canonicalDevice(formatDevice({ job, replica, task }));
}
