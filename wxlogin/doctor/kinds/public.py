"""Findings about the way from the internet: WXLOGIN_PUBLIC_URL, HTTPS, the reverse proxies."""

from __future__ import annotations

from wxlogin.doctor.findings import Words, fault, ok, unknown, warning

SEEN = ok(
    "public.seen",
    en="Through {url} wxlogin sees this host as {address}, behind {hops} proxies.",
    zh="经 {url} 访问时，wxlogin 看到本机地址为 {address}，前面有 {hops} 层代理。",
)
CERTIFICATE = ok(
    "public.certificate",
    en="The certificate of {host} is valid for {days} days more.",
    zh="{host} 的证书还有 {days} 天到期。",
)
NOT_SET = unknown(
    "public.not_set",
    en=Words(
        "WXLOGIN_PUBLIC_URL is not set.",
        "Whether WXLOGIN_TRUSTED_HOPS fits the proxies, and how long the certificate lasts, is not "
        "known.",
        "Set it to the address under which phones reach wxlogin.",
    ),
    zh=Words(
        "未设置 WXLOGIN_PUBLIC_URL。",
        "WXLOGIN_TRUSTED_HOPS 是否与代理层数一致、证书何时到期，尚不清楚。",
        "把它设为手机访问 wxlogin 的地址。",
    ),
)
PLAIN = fault(
    "public.plain",
    en=Words(
        "WXLOGIN_PUBLIC_URL is plain http.",
        "Tokens and passwords travel in clear; WeChat lets mini-programs call https alone.",
        "End HTTPS in the proxy, and name the https:// address.",
    ),
    zh=Words(
        "WXLOGIN_PUBLIC_URL 是明文 http。",
        "token 和密码明文传输；小程序也只能请求 https。",
        "在反向代理上启用 HTTPS，并改为 https:// 地址。",
    ),
)
UNREACHABLE = unknown(
    "public.unreachable",
    en=Words(
        "This host does not reach {url}: {reason}.",
        "Whether phones do is not known: a host may be kept from its own public address.",
        "Open the address from elsewhere; if that works, let this host reach it too.",
    ),
    zh=Words(
        "本机无法访问 {url}：{reason}。",
        "手机能否访问尚不清楚，有些网络不允许主机访问自己的公网地址。",
        "从其他网络访问该地址；如果正常，也请让本机能访问它。",
    ),
)
CERTIFICATE_WRONG = fault(
    "public.certificate_wrong",
    en=Words(
        "The certificate of {host} is not valid: {reason}.",
        "Mini-programs and browsers refuse the connection: nobody signs in.",
        "Install a valid certificate with its whole chain.",
    ),
    zh=Words(
        "{host} 的证书无效：{reason}。",
        "小程序和浏览器会拒绝连接，用户无法登录。",
        "安装有效的证书，并包含完整的证书链。",
    ),
)
CERTIFICATE_ENDS = warning(
    "public.certificate_ends",
    en=Words(
        "The certificate of {host} ends in {days} days.",
        "After that nobody signs in.",
        "Renew it, and see why it was not renewed by itself.",
    ),
    zh=Words(
        "{host} 的证书将在 {days} 天后到期。",
        "到期后用户无法登录。",
        "续期证书，并检查自动续期为何没有生效。",
    ),
)
ELSEWHERE = fault(
    "public.elsewhere",
    en=Words(
        "{url} does not lead to this wxlogin: the answer was {status}.",
        "Phones reach something else, or a proxy keeps /v1/ from them.",
        "Correct WXLOGIN_PUBLIC_URL, or let the proxy pass /v1/ on, as deploy/nginx does.",
    ),
    zh=Words(
        "{url} 没有到达本 wxlogin：返回 {status}。",
        "手机访问到的是别的服务，或代理没有转发 /v1/。",
        "修正 WXLOGIN_PUBLIC_URL，或让代理转发 /v1/，参见 deploy/nginx。",
    ),
)
HTTPS_UNSEEN = fault(
    "public.https_unseen",
    en=Words(
        "Requests to {url} do not look like HTTPS to wxlogin.",
        "With WXLOGIN_REQUIRE_HTTPS every call answers HTTPS_REQUIRED.",
        "Let the proxy that ends HTTPS set X-Forwarded-Proto, and set WXLOGIN_TRUSTED_HOPS.",
    ),
    zh=Words(
        "wxlogin 看不出 {url} 的请求来自 HTTPS。",
        "开启 WXLOGIN_REQUIRE_HTTPS 时，所有请求都返回 HTTPS_REQUIRED。",
        "让终结 HTTPS 的代理设置 X-Forwarded-Proto，并设置 WXLOGIN_TRUSTED_HOPS。",
    ),
)
TOO_MANY_HOPS = fault(
    "public.too_many_hops",
    en=Words(
        "WXLOGIN_TRUSTED_HOPS is {trusted}, and {hops} proxies stand in front: wxlogin believes an "
        "address that the caller writes.",
        "Whoever forges X-Forwarded-For escapes limits, and an API token's networks bind nobody.",
        "Set WXLOGIN_TRUSTED_HOPS to {hops}.",
    ),
    zh=Words(
        "WXLOGIN_TRUSTED_HOPS 是 {trusted}，实际只有 {hops} 层代理："
        "wxlogin 相信了调用方伪造的地址。",
        "伪造 X-Forwarded-For 即可绕过限流，API 令牌的网络限制也形同虚设。",
        "将 WXLOGIN_TRUSTED_HOPS 设为 {hops}。",
    ),
)
TOO_FEW_HOPS = fault(
    "public.too_few_hops",
    en=Words(
        "WXLOGIN_TRUSTED_HOPS is {trusted}, and {hops} proxies stand in front: wxlogin takes "
        "{address}, a proxy, for the client.",
        "All users share one address: one of them who fails often locks out the rest.",
        "Set WXLOGIN_TRUSTED_HOPS to {hops}.",
    ),
    zh=Words(
        "WXLOGIN_TRUSTED_HOPS 是 {trusted}，实际有 {hops} 层代理："
        "wxlogin 把代理 {address} 当成了客户端。",
        "所有用户共用一个地址，一人频繁失败就会让其他人被限流。",
        "将 WXLOGIN_TRUSTED_HOPS 设为 {hops}。",
    ),
)
NOT_FORWARDED = fault(
    "public.not_forwarded",
    en=Words(
        "WXLOGIN_TRUSTED_HOPS is {trusted}, but X-Forwarded-For came with {hops} addresses: "
        "wxlogin takes {address} for the client.",
        "All users share one address: one of them who fails often locks out the rest.",
        "Let each proxy add the address it was called from to X-Forwarded-For.",
    ),
    zh=Words(
        "WXLOGIN_TRUSTED_HOPS 是 {trusted}，但 X-Forwarded-For 中只有 {hops} 个地址："
        "wxlogin 把 {address} 当成了客户端。",
        "所有用户共用一个地址，一人频繁失败就会让其他人被限流。",
        "让每层代理把来源地址写入 X-Forwarded-For。",
    ),
)
