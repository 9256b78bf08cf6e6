import type { TestSequencer, TestSpecification } from "vitest/node";
const SLOW = /mutants\.node|readme-examples|\/saver\/test\/crash\/|convert\.test|neighbours/;
export class SlowFirst implements TestSequencer {
  shard(s: TestSpecification[]) { return s; }
  sort(s: TestSpecification[]) { return s.sort((a,b)=> rank(a)-rank(b)); }
}
function rank({moduleId, project}: TestSpecification) { return (project.name==="alone"?0:2) + (SLOW.test(moduleId)?0:1); }
