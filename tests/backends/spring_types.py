"""What the samples use of Spring, the servlet API, Jackson and Sa-Token: signatures alone.

None of these packages is here. With their signatures the compiler judges the samples.
"""

from __future__ import annotations

from pathlib import Path

JACKSON, SERVLET = "com.fasterxml.jackson", "jakarta.servlet"
SPRING = "org.springframework"
WEB = f"{SPRING}.web.bind.annotation"
EXCHANGE = f"{SERVLET}.http.HttpServletRequest a, {SERVLET}.http.HttpServletResponse b"
FAULTS = f"throws java.io.IOException, {SERVLET}.ServletException"
MAPPINGS = ("GetMapping", "PostMapping")
MARKS = ("RestController", "RequestAttribute", "RequestHeader", "RequestBody")

TYPES = {
    "cn.dev33.satoken.stp.StpUtil": "class NAME { public static void switchTo(Object loginId) {} }",
    f"{JACKSON}.core.JsonProcessingException": "class NAME extends java.io.IOException {}",
    f"{JACKSON}.core.type.TypeReference": "abstract class NAME<T> {}",
    f"{JACKSON}.databind.ObjectMapper": f"""class NAME {{
        public <T> T readValue(String text, {JACKSON}.core.type.TypeReference<T> type)
            throws {JACKSON}.core.JsonProcessingException {{ return null; }} }}""",
    f"{SERVLET}.FilterChain": f"interface NAME {{ void doFilter({EXCHANGE}) {FAULTS}; }}",
    f"{SERVLET}.ServletException": "class NAME extends Exception {}",
    f"{SERVLET}.http.HttpServletRequest": """interface NAME {
        String getServletPath();
        String getHeader(String name);
        void setAttribute(String name, Object value); }""",
    f"{SERVLET}.http.HttpServletResponse": """interface NAME {
        void setHeader(String name, String value);
        void sendError(int status, String text) throws java.io.IOException; }""",
    f"{SPRING}.http.HttpHeaders": """class NAME {
        public String getFirst(String name) { return null; } }""",
    f"{SPRING}.http.ResponseEntity": """class NAME<T> {
        public static Builder status(int status) { return null; }
        public interface Builder { <T> NAME<T> build(); } }""",
    f"{SPRING}.stereotype.Component": "@interface NAME {}",
    f"{SPRING}.web.filter.OncePerRequestFilter": f"""abstract class NAME {{
        protected boolean shouldNotFilter({SERVLET}.http.HttpServletRequest request)
            throws {SERVLET}.ServletException {{ return false; }}
        protected abstract void doFilterInternal(
            {EXCHANGE}, {SERVLET}.FilterChain chain) {FAULTS}; }}""",
    f"{SPRING}.web.servlet.HandlerInterceptor": f"""interface NAME {{
        default boolean preHandle({EXCHANGE}, Object handler) throws Exception {{
            return true; }} }}""",
    **{f"{WEB}.{name}": "@interface NAME { String[] value(); }" for name in MAPPINGS},
    **{f"{WEB}.{name}": "@interface NAME {}" for name in MARKS},
}
"""By its whole name, a type."""


def write(directory: Path) -> list[str]:
    """Write a file for each type; the paths."""
    paths = []
    for whole, declared in TYPES.items():
        package, _, name = whole.rpartition(".")
        path = directory / Path(*whole.split(".")).with_suffix(".java")
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"package {package};\npublic {declared.replace('NAME', name)}\n"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return paths
