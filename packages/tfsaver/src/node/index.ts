/**
 * Re-exports `NodeStorage`, which stores files in the local file system. Needs Node.js.
 *
 * @packageDocumentation
 */

export * from "@tfsaver/storage/node";
