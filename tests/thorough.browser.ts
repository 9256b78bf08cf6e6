/** As in Node.js, where the commit chooses the operations. A page knows no commit, and always tries the same ones. */
export function isTried(n: number, stride = 3): boolean {
  return n % stride === 0;
}
