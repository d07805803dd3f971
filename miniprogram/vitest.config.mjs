/** WeChat's compilers, by which the pages are drawn, are programs for these machines alone. */
const draws = process.platform !== 'linux' || process.arch === 'x64'
const skipped = [
  ...(draws ? [] : ['test/example.test.ts']),
  // There is something to test once `make frameworks` has built it.
  ...(draws && process.env.FRAMEWORKS ? [] : ['test/framework-builds.test.ts']),
]

export default {
  test: {
    include: ['test/**/*.test.ts'],
    exclude: skipped,
    // The tests share one Redis, which some of them take away: one file after the other.
    fileParallelism: false,
    testTimeout: 30000,
  },
}
