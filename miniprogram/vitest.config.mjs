// The tests share one Redis, which some of them take away: one file after the other.
export default {
  test: {
    include: ['test/**/*.test.ts'],
    // There is something to test once `make frameworks` has built it.
    exclude: process.env.FRAMEWORKS ? [] : ['test/framework-builds.test.ts'],
    fileParallelism: false,
    testTimeout: 30000,
  },
}
