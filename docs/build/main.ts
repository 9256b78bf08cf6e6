/** `npm run docs`: builds the site into `docs/.vitepress/dist`, and fails if a link or an anchor leads nowhere. */
import { buildSite } from "./build-site.js";
import { brokenLinks } from "./check-links.js";
import { site } from "./site.js";

await buildSite();
const broken = brokenLinks(site);
for (const problem of broken) console.error(problem);
if (broken.length > 0) process.exitCode = 1;
