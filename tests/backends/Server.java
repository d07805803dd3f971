import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/** What Spring Boot does around LoginCheck, with the JDK's own server. */
public final class Server {
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\": ?(true|false|\"([^\"]*)\")");
    private static final LoginCheck CHECK = new LoginCheck(System.getenv("LOGIN_URL"),
        System.getenv("LOGIN_TOKEN"), System.getenv("LOGIN_HOOK_SECRET"), Server::read);

    public static void main(String[] words) throws IOException {
        var port = Integer.parseInt(System.getenv("PORT"));
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/orders", call -> call.sendResponseHeaders(orders(call), -1));
        server.createContext("/hooks", call -> call.sendResponseHeaders(hooks(call), -1));
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.start();
    }

    private static int orders(HttpExchange call) {
        try {
            var user = CHECK.who(call.getRequestHeaders().getFirst("Authorization"));
            return user == null ? 401 : 200;
        } catch (LoginCheck.Unknown fault) {
            return 503;
        }
    }

    private static int hooks(HttpExchange call) throws IOException {
        var headers = call.getRequestHeaders();
        var body = call.getRequestBody().readNBytes(1_000_000);
        try {
            return CHECK.isSigned(headers.getFirst("webhook-id"), headers.getFirst("webhook-timestamp"),
                headers.getFirst("webhook-signature"), body) ? 204 : 401;
        } catch (GeneralSecurityException fault) {
            return 500;
        }
    }

    private static Map<String, Object> read(String text) {
        var members = new HashMap<String, Object>();
        var found = MEMBER.matcher(text);
        while (found.find()) {
            Object value = found.group(3) == null ? Boolean.valueOf(found.group(2)) : found.group(3);
            members.put(found.group(1), value);
        }
        return members;
    }
}
