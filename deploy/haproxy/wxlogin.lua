-- HAProxy asks wxlogin who calls: the action `lua.wxlogin` of haproxy.cfg. The call goes on with the names
-- that wxlogin gives, or ends with wxlogin's refusal, whole.

local AUTH = "http://127.0.0.1:8000/v1/auth"
local MILLISECONDS = 5000

-- What wxlogin is told of the call.
local ASKED = {
    "authorization", "x-request-id", "user-agent", "accept-language",
    "x-wxlogin-timestamp", "x-wxlogin-nonce", "x-wxlogin-signature", "x-wxlogin-content-sha256",
}
-- What your backend is told of the caller.
local NAMED = {
    "x-wxlogin-user", "x-wxlogin-app", "x-wxlogin-session", "x-wxlogin-person",
    "x-wxlogin-external-id", "x-wxlogin-assertion",
}
-- What the phone is told of a refusal.
local TOLD = {"content-type", "cache-control", "retry-after", "x-request-id", "x-wxlogin-error"}

local OUT = '{"type":"urn:wxlogin:error:STORE_UNAVAILABLE","title":"Service Unavailable","status":503,'
    .. '"detail":"wxlogin does not answer.","code":"STORE_UNAVAILABLE","action":"retry"}'

local function question(txn, sent)
    local headers = {
        ["x-forwarded-for"] = {txn.sf:src()},
        ["x-forwarded-proto"] = {txn.f:ssl_fc() and "https" or "http"},
        ["x-original-method"] = {txn.sf:method()},
        ["x-original-uri"] = {txn.sf:pathq()},
    }
    for _, name in ipairs(ASKED) do
        if sent[name] then
            headers[name] = {sent[name][0]}
        end
    end
    return headers
end

-- Nobody says by himself who he is. Many backends take `X_Wxlogin_User` for `X-Wxlogin-User`. The hash of
-- the body stays: a signature covers it, and the backend compares it. The token is wxlogin's alone.
local function forget(txn, sent)
    for name in pairs(sent) do
        local plain = name:lower():gsub("_", "-")
        local ours = plain:sub(1, 10) == "x-wxlogin-" and name ~= "x-wxlogin-content-sha256"
        if ours or plain == "authorization" then
            txn.http:req_del_header(name)
        end
    end
end

local function refuse(txn, answer)
    local reply = txn:reply()
    -- Where nobody answers HAProxy makes up a page of its own.
    if not (answer.headers and answer.headers["x-wxlogin-error"]) then
        reply:set_status(503)
        reply:add_header("content-type", "application/problem+json")
        reply:add_header("x-wxlogin-error", "STORE_UNAVAILABLE")
        reply:add_header("retry-after", "2")
        reply:set_body(OUT)
    else
        reply:set_status(answer.status)
        for _, name in ipairs(TOLD) do
            if answer.headers[name] then
                reply:add_header(name, answer.headers[name][0])
            end
        end
        reply:set_body(answer.body or "")
    end
    txn:done(reply)
end

core.register_action("wxlogin", {"http-req"}, function(txn)
    local sent = txn.http:req_get_headers()
    local headers = question(txn, sent)
    forget(txn, sent)
    local answer = core.httpclient():get{url = AUTH, headers = headers, timeout = MILLISECONDS}
    if answer.status ~= 200 and answer.status ~= 204 then
        return refuse(txn, answer)
    end
    for _, name in ipairs(NAMED) do
        if answer.headers[name] then
            txn.http:req_set_header(name, answer.headers[name][0])
        end
    end
end)
