// What the tests use of WeChat's test tools, which come without types of their own.

declare module 'miniprogram-simulate' {
  import type { Page } from './program'

  export interface Definition {
    id: string
    tagName: string
    template: unknown
    properties?: Record<string, StringConstructor>
    data?: object
    methods?: object
  }
  export interface Rendered {
    dom: HTMLElement
    /** `this` of the component's methods. */
    instance: Page
    attach(parent: Node): void
    detach(): void
  }
  const simulate: { load(definition: Definition): string; render(id: string): Rendered }
  export default simulate
}

declare module 'miniprogram-compiler' {
  /** Compile the templates below a folder by WeChat's wcc, the styles by its wcsc. */
  const compiler: { wxmlToJs(root: string): string; wxssToJs(root: string): string }
  export default compiler
}

declare module 'miniprogram-exparser' {
  /** A component on the page; `data` are its properties. */
  export interface Component {
    data: Record<string, string>
  }
  const exparser: {
    Event: {
      create(name: string, detail: object, options: object): object
      dispatchEvent(target: Component, event: object): void
    }
  }
  export default exparser
}
