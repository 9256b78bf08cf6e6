/** Writes the entries of changelogs for people: the text of a changeset, without the commit that it was added in. */
module.exports = {
  async getReleaseLine({ summary }) {
    const [first = "", ...rest] = summary.trim().split("\n");
    return [`- ${first}`, ...rest.map((line) => (line === "" ? "" : `  ${line}`))].join("\n");
  },

  /** Names the dependencies that moved. Those of a first release are no news. */
  async getDependencyReleaseLine(_changesets, dependencies) {
    const moved = dependencies.filter(({ oldVersion }) => oldVersion !== "0.0.0");
    return moved.map(({ name, newVersion }) => `- Needs \`${name}\` ${newVersion}.`).join("\n");
  },
};
