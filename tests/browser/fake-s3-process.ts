import { FakeS3 } from "../../fixtures/fake-s3/fake-s3.js";

/* Starts the S3 servers that pages of the tests ask, and prints their URLs by their options, both in one line of JSON. */

const servers = [{}, { pageSize: 2 }, { conditionalWrites: false }].map(async (options) => {
  const { url } = await FakeS3.start(options);
  return [JSON.stringify(options), url];
});
process.stdout.write(`${JSON.stringify(Object.fromEntries(await Promise.all(servers)))}\n`);
