// wxlogin for WeChat mini-programs. Built by `make client`; do not edit.
import type { Platform } from './wxlogin';
/** uni.login wants to know whose login it is, and a device has names of uni-app's own. */
export declare function fromUni(uni: object): Platform;
