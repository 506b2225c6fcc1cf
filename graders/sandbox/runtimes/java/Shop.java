// The bookshop through Hibernate on H2: one call of a student's method, with all that reached the driver.
//
// It runs as the program of a box: one JSON object a line comes in, one goes out. Its first argument is the class path
// for the student's cell, its second the scratch folder. The student's SQL runs as a user without admin rights: as
// admin, H2 reads files and starts programs.
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jdt.internal.compiler.batch.Main;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;

public final class Shop {
    private static final String URL = "jdbc:h2:mem:shop";
    private static final String HEAD = "import jakarta.persistence.*; import jakarta.persistence.criteria.*; "
            + "import java.util.*; import java.util.stream.*; public class Answer {";
    private static final Pattern MISTAKE = Pattern.compile("Answer\\.java:(\\d+): error: (.*)");

    private final String classPath;
    private final Path folder;
    private final Spy spy = new Spy(URL, "app");
    private Connection admin;
    private SessionFactory sessions;
    private Object answer;
    private String schema = "";
    private Object held;

    private Shop(String classPath, Path folder) {
        this.classPath = classPath;
        this.folder = folder;
    }

    public static void main(String[] words) throws Exception {
        PrintStream channel = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Shop shop = new Shop(words[0], Path.of(words[1]));
        String line = requests.readLine();
        channel.println("{\"ready\": true}");
        while ((line = requests.readLine()) != null) channel.println(Json.write(shop.reply(Json.read(line))));
    }

    private Object reply(Object request) {
        Map<?, ?> asked = (Map<?, ?>) request;
        try {
            if (asked.containsKey("define")) return define((String) asked.get("define"), (String) asked.get("name"));
            List<?> given = (List<?>) asked.get("arguments");
            return Map.of("value", call((String) asked.get("call"), given));
        } catch (Throwable error) {
            return told(error.getClass().getSimpleName(), String.valueOf(error.getMessage()), lineOf(error));
        }
    }

    private static Map<String, Object> told(String kind, String words, Object line) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("error", kind);
        told.put("words", words);
        told.put("line", line);
        return told;
    }

    private Object define(String source, String name) throws Exception {
        Path file = folder.resolve("Answer.java");
        Files.writeString(file, HEAD + source + "\n}\n");
        StringWriter said = new StringWriter();
        String[] words = {"-17", "-proc:none", "-nowarn", "-Xemacs", "-encoding", "UTF-8", "-classpath", classPath, "-d",
            folder.toString(), file.toString()};
        if (!new Main(new PrintWriter(said), new PrintWriter(said), false, null, null).compile(words)) {
            Matcher mistake = MISTAKE.matcher(said.toString());
            boolean found = mistake.find();
            return told("the Java compiler", found ? mistake.group(2) : said.toString(), found ? Integer.valueOf(mistake.group(1)) : null);
        }
        URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, Shop.class.getClassLoader());
        answer = loader.loadClass("Answer").getDeclaredConstructor().newInstance();
        if (method(name) != null) return Map.of("function", true);
        return Map.of("missing", Arrays.stream(answer.getClass().getDeclaredMethods()).map(Method::getName).toList());
    }

    private Method method(String name) {
        for (Method one : answer.getClass().getDeclaredMethods()) {
            one.setAccessible(true);
            if (one.getName().equals(name)) return one;
        }
        return null;
    }

    private List<Object> call(String name, List<?> given) throws Exception {
        List<?> data = (List<?>) given.get(1);
        open((String) given.get(0));
        if (!data.equals(held)) fill(data);
        spy.sent.clear();
        Object value = null;
        String raised = "";
        try (EntityManager manager = sessions.createEntityManager()) {
            manager.getTransaction().begin();
            value = shown(method(name).invoke(answer, arguments(listening(manager), (List<?>) given.get(2))));
            manager.getTransaction().commit();
        } catch (InvocationTargetException wrapped) {
            raised = words(wrapped.getCause());
        } catch (Exception error) {
            raised = words(error);
        }
        List<Object> sent = new ArrayList<>(spy.sent);
        held = holds(data);
        return Arrays.asList(value, raised, sent, held);
    }

    /** An entity manager that keeps the HQL which Hibernate cannot read: it never reaches the driver. */
    private EntityManager listening(EntityManager manager) {
        return (EntityManager) Proxy.newProxyInstance(Shop.class.getClassLoader(), new Class<?>[] {EntityManager.class}, (self, method, given) -> {
            try {
                return method.invoke(manager, given);
            } catch (InvocationTargetException wrapped) {
                if (given != null && given[0] instanceof String hql) spy.sent.add(Arrays.asList(hql, List.of(), "HQL"));
                throw wrapped.getCause();
            }
        });
    }

    private static Object[] arguments(EntityManager manager, List<?> given) {
        List<Object> made = new ArrayList<>();
        made.add(manager);
        for (Object one : given) made.add(one instanceof Map<?, ?> tagged ? read(tagged) : one);
        return made.toArray();
    }

    private static Map<String, Object> read(Map<?, ?> tagged) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (Object pair : (List<?>) tagged.get("dict")) found.put((String) ((List<?>) pair).get(0), ((List<?>) pair).get(1));
        return found;
    }

    private void open(String wanted) throws Exception {
        if (wanted.equals(schema)) return;
        admin = DriverManager.getConnection(URL, "admin", "admin");
        try (Statement statement = admin.createStatement()) {
            for (String one : wanted.split(";")) if (!one.isBlank()) statement.execute(one);
            statement.execute("CREATE USER app PASSWORD 'app'");
            statement.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA PUBLIC TO app");
        }
        Configuration configuration = new Configuration();
        for (Class<?> entity : new Class<?>[] {Book.class, Member.class, Review.class}) configuration.addAnnotatedClass(entity);
        configuration.setProperty("hibernate.dialect", "org.hibernate.dialect.H2Dialect");
        configuration.setProperty("hibernate.boot.allow_jdbc_metadata_access", "false");
        configuration.getProperties().put("hibernate.connection.datasource", spy);
        sessions = configuration.buildSessionFactory();
        schema = wanted;
    }

    private void fill(List<?> data) throws Exception {
        try (Statement statement = admin.createStatement()) {
            for (int i = data.size() - 1; i >= 0; i--) statement.execute("DELETE FROM " + ((List<?>) data.get(i)).get(0));
        }
        for (Object table : data) {
            List<?> rows = (List<?>) ((List<?>) table).get(1);
            if (rows.isEmpty()) continue;
            String places = "?" + ", ?".repeat(((List<?>) rows.get(0)).size() - 1);
            String insert = "INSERT INTO " + ((List<?>) table).get(0) + " VALUES (" + places + ")";
            try (PreparedStatement statement = admin.prepareStatement(insert)) {
                for (Object row : rows) {
                    int place = 1;
                    for (Object item : (List<?>) row) statement.setObject(place++, item);
                    statement.executeUpdate();
                }
            }
        }
    }

    private List<Object> holds(List<?> data) throws Exception {
        List<Object> found = new ArrayList<>();
        try (Statement statement = admin.createStatement()) {
            for (Object table : data) {
                Object name = ((List<?>) table).get(0);
                List<Object> rows = new ArrayList<>();
                try (ResultSet read = statement.executeQuery("SELECT * FROM " + name)) {
                    while (read.next()) rows.add(row(read));
                }
                found.add(Arrays.asList(name, rows));
            }
        }
        return found;
    }

    private static List<Object> row(ResultSet read) throws Exception {
        List<Object> items = new ArrayList<>();
        for (int i = 1; i <= read.getMetaData().getColumnCount(); i++) items.add(read.getObject(i));
        return items;
    }

    private static Object shown(Object value) {
        if (value instanceof Book book) return Arrays.asList(book.title, book.price);
        if (value instanceof Tuple tuple) return shown(tuple.toArray());
        if (value instanceof Object[] items) return Arrays.stream(items).map(Shop::shown).collect(ArrayList::new, ArrayList::add, ArrayList::addAll);
        if (value instanceof Iterable<?> items) {
            List<Object> all = new ArrayList<>();
            for (Object item : items) all.add(shown(item));
            return all;
        }
        return Spy.plain(value);
    }

    private static String words(Throwable error) {
        Integer line = lineOf(error);
        Throwable deepest = error;
        while (deepest.getCause() != null) deepest = deepest.getCause();
        String first = String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
        String said = "`" + error.getClass().getSimpleName() + ": " + first + "`";
        return line == null ? said : said + " in line " + line + " of your cell";
    }

    private static Integer lineOf(Throwable error) {
        for (StackTraceElement place : error.getStackTrace()) {
            if (place.getClassName().equals("Answer")) return place.getLineNumber();
        }
        return null;
    }
}
