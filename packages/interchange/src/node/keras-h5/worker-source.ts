/**
 * The program of the worker that runs the HDF5 library. It is text, so that it needs no file of its own behind a bundler.
 *
 * The library sees one file, whose bytes the main thread reads from a storage: links to other files lead nowhere. The worker waits
 * for each read, because the library reads synchronously. Its memory is limited, since a few bytes can unpack to gigabytes.
 */
export const WORKER_SOURCE = `
const { parentPort, workerData } = require("node:worker_threads");
const { library, size, shared, memoryPages, maxObjects, maxDepth } = workerData;
const state = new Int32Array(shared, 0, 2);
const buffer = new Uint8Array(shared, 8);

// The library prints errors, which its results tell too.
for (const name of ["log", "warn", "error"]) console[name] = () => undefined;

const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength / 65536 + pages > memoryPages) throw new RangeError("too much memory");
  return grow.call(this, pages);
};

function read(target, offset, length, position) {
  const end = Math.min(length, Math.max(0, size - position));
  for (let at = 0; at < end; ) {
    const part = Math.min(end - at, buffer.length);
    Atomics.store(state, 0, 0);
    parentPort.postMessage({ position: position + at, length: part });
    Atomics.wait(state, 0, 0);
    target.set(buffer.subarray(0, part), offset + at);
    at += part;
  }
  return end;
}

async function open() {
  const hdf5 = await import(library);
  const { FS } = await hdf5.ready;
  const node = FS.createFile("/", "weights.h5", {}, true, false);
  const { getattr } = node.node_ops;
  node.node_ops = { ...node.node_ops, getattr: (file) => ({ ...getattr(file), size }) };
  node.stream_ops = { ...node.stream_ops, read: (_, target, offset, length, position) => read(target, offset, length, position) };
  Object.defineProperty(node, "usedBytes", { get: () => size });
  return { module: hdf5.Module, file: new hdf5.File("/weights.h5", "r") };
}

function list(file) {
  const found = [];
  let objects = 0;
  const visit = (group, path, depth) => {
    if (depth > maxDepth) throw new Error("its groups are nested too deeply");
    for (const key of group.keys()) {
      if (++objects > maxObjects) throw new Error("it has too many objects");
      if (objects % 100 === 0) parentPort.postMessage({});
      const name = path === "" ? key : path + "/" + key;
      const item = group.get(key);
      if (item?.type === "Group") visit(item, name, depth + 1);
      else if (item?.type === "Dataset") {
        const { type, size, signed, littleEndian, shape, chunks, enum_type } = item.metadata;
        const kind = item.attrs.dtype?.value;
        const members = enum_type ? Object.keys(enum_type.members).sort().join() : undefined;
        found.push({ name, type, size, signed, littleEndian, shape, chunks, kind: typeof kind === "string" ? kind : undefined, members });
      }
    }
  };
  visit(file, "", 0);
  return found;
}

function slice(module, file, { name, offset, count, bytes }) {
  const pointer = module._malloc(bytes);
  if (pointer === 0) throw new Error("there is not enough memory for " + bytes + " bytes");
  try {
    const big = (numbers) => (numbers.length === 0 ? null : numbers.map(BigInt));
    const strides = big(count.map(() => 1));
    const status = module.get_dataset_data(file.file_id, "/" + name, big(count), big(offset), strides, BigInt(pointer));
    if (status < 0) throw new Error("the dataset " + name + " can't be read");
    return module.HEAPU8.slice(pointer, pointer + bytes);
  } finally {
    module._free(pointer);
  }
}

const opened = open();
parentPort.on("message", async ({ task }) => {
  try {
    const { module, file } = await opened;
    const result = task === undefined ? list(file) : slice(module, file, task);
    parentPort.postMessage({ result });
  } catch (error) {
    parentPort.postMessage({ error: String(error?.message ?? error) });
  }
});
`;
