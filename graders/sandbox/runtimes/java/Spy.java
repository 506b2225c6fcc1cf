// A data source that keeps every statement on its way to the driver, with its parameters and the code of a refusal.
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.logging.Logger;
import javax.sql.DataSource;

final class Spy implements DataSource {
    final List<Object> sent = new ArrayList<>();
    private final String url;
    private final String user;

    Spy(String url, String user) {
        this.url = url;
        this.user = user;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection real = DriverManager.getConnection(url, user, user);
        return proxy(Connection.class, (method, given) -> {
            Object made = call(real, method, given);
            if (made instanceof PreparedStatement prepared) return watched(PreparedStatement.class, prepared, (String) given[0]);
            return made instanceof Statement plain ? watched(Statement.class, plain, null) : made;
        }, given -> given.length > 0 && given[0] instanceof String sql && looksLikeSql(sql) ? sql : null);
    }

    private static boolean looksLikeSql(String text) {
        return text.contains(" ");
    }

    private <T> T watched(Class<T> kind, Object real, String sql) {
        TreeMap<Integer, Object> parameters = new TreeMap<>();
        return proxy(kind, (method, given) -> {
            if (method.getName().startsWith("set") && given != null && given.length >= 2 && given[0] instanceof Integer place) {
                parameters.put(place, plain(method.getName().equals("setNull") ? null : given[1]));
            }
            if (!method.getName().startsWith("execute")) return call(real, method, given);
            String said = sql != null ? sql : (String) given[0];
            return kept(said, new ArrayList<>(parameters.values()), () -> call(real, method, given));
        }, given -> null);
    }

    private Object kept(String sql, List<Object> parameters, Work work) throws Throwable {
        List<Object> one = new ArrayList<>(Arrays.asList(sql, parameters, ""));
        sent.add(one);
        try {
            return work.run();
        } catch (SQLException refused) {
            one.set(2, refused.getSQLState());
            throw refused;
        }
    }

    static Object plain(Object value) {
        return value == null || value instanceof Number || value instanceof Boolean ? value : value.toString();
    }

    private static Object call(Object real, Method method, Object[] given) throws Throwable {
        try {
            return method.invoke(real, given);
        } catch (InvocationTargetException wrapped) {
            throw wrapped.getCause();
        }
    }

    private <T> T proxy(Class<T> kind, Happening happening, Said said) {
        Object made = Proxy.newProxyInstance(Spy.class.getClassLoader(), new Class<?>[] {kind}, (self, method, given) -> {
            Object[] arguments = given == null ? new Object[0] : given;
            String sql = said.of(arguments);
            try {
                return happening.run(method, given);
            } catch (SQLException refused) {
                if (sql != null) sent.add(new ArrayList<>(Arrays.asList(sql, List.of(), refused.getSQLState())));
                throw refused;
            }
        });
        return kind.cast(made);
    }

    private interface Work {
        Object run() throws Throwable;
    }

    private interface Happening {
        Object run(Method method, Object[] given) throws Throwable;
    }

    private interface Said {
        String of(Object[] given);
    }

    @Override
    public Connection getConnection(String name, String password) throws SQLException {
        return getConnection();
    }

    @Override
    public PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> kind) throws SQLException {
        throw new SQLException("nothing is wrapped");
    }

    @Override
    public boolean isWrapperFor(Class<?> kind) {
        return false;
    }
}
