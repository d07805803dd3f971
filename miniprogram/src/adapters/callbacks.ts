// What both adapters need: functions that answer by callbacks alone, and a file system that is not there.

type Asked = object
type Ask = (asked: Asked) => unknown

/** The same function, whose promise nobody waits for: what it rejects with, `fail` has told. */
export function silent(ask: Ask): Ask {
  return (asked) => {
    const answer = ask(asked) as Partial<Promise<unknown>> | undefined
    if (answer && answer.catch) answer.catch(() => undefined)
    return answer
  }
}

/** The file system; one that knows no file where the framework has none. */
export function filesOf(framework: { getFileSystemManager?(): object }): object {
  if (framework.getFileSystemManager) return framework.getFileSystemManager()
  const missing = ({ fail }: { fail(result: object): void }): void => fail({ errMsg: 'no files' })
  return { getFileInfo: missing, readFile: missing }
}
