// The tests share one Redis, which some of them take away: one file after the other.
export default { test: { include: ['test/**/*.test.ts'], fileParallelism: false, testTimeout: 30000 } }
