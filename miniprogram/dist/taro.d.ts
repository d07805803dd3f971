// wxlogin for WeChat mini-programs. Built by `make client`; do not edit.
import type { Platform } from './wxlogin';
/** Taro's functions take callbacks as WeChat's do, and return a promise that rejects besides. */
export declare function fromTaro(taro: object): Platform;
