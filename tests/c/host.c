/* A registrar and a database connection of the program's own.
 * Arguments: database, registrar's URL, APP_KEY, three domains. */
#include <sqlite3.h>

#include "common.h"

struct registrar {
    dds_sync *sync;
    const char *lapsed;
    const char *gone;
    int asked, destroyed;
};

static void info(void *user_data, const char *domain, dds_answer *answer) {
    struct registrar *registrar = user_data;
    registrar->asked++;
    /* Another thread than the caller's, outside of the library: it may be called. */
    char *stats = NULL;
    if (registrar->sync != NULL) {
        CHECK(dds_stats(registrar->sync, &stats, NULL) == DDS_OK);
    }
    dds_string_free(stats);
    if (strcmp(domain, registrar->gone) == 0) {
        dds_answer_set(answer, "{\"success\": false, \"message\": \"never heard of it\", \"error_code\": \"not_found\"}");
    } else if (strcmp(domain, registrar->lapsed) == 0) {
        dds_answer_set(answer, "{\"status\": \"on fire\"}");
        dds_answer_set(answer, "{\"status\": [\"clientTransferProhibited\", \"clientHold\"], \"nameservers\": [\"ns1.own.example\"]}");
    } else {
        dds_answer_set(answer, NULL);
    }
    dds_answer_set(NULL, "nobody");
}

static void prices(void *user_data, const char *tld, dds_answer *answer) {
    (void)user_data;
    dds_answer_set(answer, strcmp(tld, "com") == 0 ? "{\"register\": {\"1\": \"12.34\"}}" : "no JSON");
}

static void destroyed(void *user_data) {
    ((struct registrar *)user_data)->destroyed++;
}

/* A connection of SQLite's. */
struct connection {
    sqlite3 *database;
    int inside, destroyed;
};

static sqlite3_stmt *prepare(struct connection *connection, const char *sql, const dds_value *args, size_t count) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(connection->database, sql, -1, &statement, NULL) != SQLITE_OK) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (args[i].is_null) {
            sqlite3_bind_null(statement, (int)i + 1);
        } else if (args[i].text != NULL) {
            sqlite3_bind_text(statement, (int)i + 1, args[i].text, -1, SQLITE_TRANSIENT);
        } else {
            sqlite3_bind_int64(statement, (int)i + 1, args[i].number);
        }
    }
    return statement;
}

/* Why the last statement was not done. */
static int32_t refused(struct connection *connection, sqlite3_stmt *statement, dds_answer *answer) {
    int code = sqlite3_errcode(connection->database);
    dds_answer_set(answer, sqlite3_errmsg(connection->database));
    sqlite3_finalize(statement);
    return code == SQLITE_CONSTRAINT ? DDS_STATEMENT_REFUSED : DDS_STATEMENT_FAILED;
}

/* Rows as JSON, by SQLite's own function for it. */
static int32_t run_select(void *user_data, const char *sql, const dds_value *args, size_t count, dds_answer *answer) {
    struct connection *connection = user_data;
    sqlite3_stmt *statement = prepare(connection, sql, args, count);
    if (statement == NULL) {
        return refused(connection, NULL, answer);
    }
    sqlite3_str *rows = sqlite3_str_new(connection->database);
    sqlite3_str_appendall(rows, "[");
    int step;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        sqlite3_str_appendall(rows, sqlite3_str_length(rows) > 1 ? ",[" : "[");
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            sqlite3_stmt *quote = NULL;
            CHECK(sqlite3_prepare_v2(connection->database, "SELECT json_quote(?)", -1, &quote, NULL) == SQLITE_OK);
            sqlite3_bind_value(quote, 1, sqlite3_column_value(statement, i));
            CHECK(sqlite3_step(quote) == SQLITE_ROW);
            sqlite3_str_appendf(rows, i == 0 ? "%s" : ",%s", (const char *)sqlite3_column_text(quote, 0));
            sqlite3_finalize(quote);
        }
        sqlite3_str_appendall(rows, "]");
    }
    sqlite3_str_appendall(rows, "]");
    char *text = sqlite3_str_finish(rows);
    int32_t done = DDS_STATEMENT_DONE;
    if (step == SQLITE_DONE) {
        dds_answer_set(answer, text);
        sqlite3_finalize(statement);
    } else {
        done = refused(connection, statement, answer);
    }
    sqlite3_free(text);
    return done;
}

static int32_t run_execute(void *user_data, const char *sql, const dds_value *args, size_t count, uint64_t *changed,
                           dds_answer *answer) {
    struct connection *connection = user_data;
    sqlite3_stmt *statement = prepare(connection, sql, args, count);
    if (statement == NULL || sqlite3_step(statement) != SQLITE_DONE) {
        return refused(connection, statement, answer);
    }
    *changed = (uint64_t)sqlite3_changes(connection->database);
    sqlite3_finalize(statement);
    return DDS_STATEMENT_DONE;
}

static int32_t in_transaction(void *user_data) {
    return ((struct connection *)user_data)->inside;
}

static void let_go(void *user_data) {
    struct connection *connection = user_data;
    connection->destroyed++;
    sqlite3_close(connection->database);
}

static long count(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement = NULL;
    CHECK(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(statement) == SQLITE_ROW);
    long number = (long)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static void own_registrar(char **arguments) {
    dds_sync *sync = open_handle(arguments);
    dds_error *error = NULL;
    char *result = NULL;
    struct registrar own = {sync, arguments[4], arguments[5], 0, 0};
    dds_registrar registrar = {0};
    EXPECT(DDS_ERR_CONFIG, dds_sync_set_registrar(sync, "resellerclub", &registrar, &error), &error);
    registrar.struct_size = sizeof registrar;
    registrar.user_data = &own;
    registrar.destroy = destroyed;
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_set_registrar(sync, "resellerclub", &registrar, &error), &error);
    registrar.info = info;
    registrar.prices = prices;
    registrar.max_in_flight = 2;
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_set_registrar(NULL, "resellerclub", &registrar, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_set_registrar(sync, NULL, &registrar, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_set_registrar(sync, "resellerclub", NULL, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_sync_set_registrar(sync, "", &registrar, &error), &error);
    CHECK(own.destroyed == 0);
    EXPECT(DDS_OK, dds_sync_set_registrar(sync, "resellerclub", &registrar, &error), &error);

    const char *const domains[] = {arguments[4], arguments[5], arguments[6]};
    EXPECT(DDS_OK, dds_sync_domains(sync, domains, 3, NULL, NULL, NULL, &result, &error), &error);
    CHECK(strstr(result, "\"status\":{\"old\":\"active\",\"new\":\"suspended\"}") != NULL);
    CHECK(strstr(result, "never heard of it") != NULL && strstr(result, "set no answer") != NULL);
    CHECK(strstr(result, "\"synced\":1") != NULL && strstr(result, "\"failed\":2") != NULL && own.asked >= 3);
    dds_string_free(result);
    EXPECT(DDS_OK, dds_sync_tld_prices(sync, "resellerclub", NULL, NULL, NULL, &result, &error), &error);
    CHECK(strstr(result, "\"new\":\"12.34\"") != NULL && strstr(result, "not JSON") != NULL);
    dds_string_free(result);

    /* Another takes its place. */
    struct registrar next = {NULL, arguments[4], arguments[5], 0, 0};
    registrar.user_data = &next;
    EXPECT(DDS_OK, dds_sync_set_registrar(sync, "resellerclub", &registrar, &error), &error);
    CHECK(own.destroyed == 1 && next.destroyed == 0);
    dds_sync_free(sync);
    CHECK(own.destroyed == 1 && next.destroyed == 1);
}

static void own_connection(char **arguments) {
    dds_sync *sync = NULL;
    dds_error *error = NULL;
    char *result = NULL;
    struct connection own = {NULL, 0, 0};
    CHECK(sqlite3_open(arguments[1], &own.database) == SQLITE_OK);
    dds_connection connection = {0};
    const char *config = config_for(arguments[1], arguments[2], arguments[3]);
    EXPECT(DDS_ERR_CONFIG, dds_sync_new_over(config, &connection, &sync, &error), &error);
    connection.struct_size = sizeof connection;
    connection.user_data = &own;
    connection.destroy = let_go;
    connection.select = run_select;
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_new_over(config, &connection, &sync, &error), &error);
    connection.execute = run_execute;
    EXPECT(DDS_ERR_CONFIG, dds_sync_new_over(config, &connection, &sync, &error), &error);
    connection.database = DDS_DATABASE_SQLITE;
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_new_over(NULL, &connection, &sync, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_new_over(config, NULL, &sync, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_new_over(config, &connection, NULL, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_sync_new_over("{", &connection, &sync, &error), &error);

    /* Another database than the one that it says that it is. */
    connection.database = DDS_DATABASE_POSTGRESQL;
    EXPECT(DDS_ERR_STORE, dds_sync_new_over(config, &connection, &sync, &error), &error);
    CHECK(sync == NULL && own.destroyed == 0);
    connection.database = DDS_DATABASE_SQLITE;
    EXPECT(DDS_OK, dds_sync_new_over(config, &connection, &sync, &error), &error);

    /* A transaction of its own for each write. */
    dds_options options = DDS_OPTIONS_INIT;
    options.force = 1;
    EXPECT(DDS_OK, dds_sync_domain(sync, arguments[6], &options, &result, &error), &error);
    CHECK(strstr(result, "\"success\":true") != NULL);
    dds_string_free(result);
    CHECK(count(own.database, "SELECT count(*) FROM domains WHERE last_synced_at IS NOT NULL") >= 1);

    /* Inside the program's transaction, and gone with it. */
    connection.in_transaction = in_transaction;
    dds_sync_free(sync);
    CHECK(own.destroyed == 1);
    CHECK(sqlite3_open(arguments[1], &own.database) == SQLITE_OK);
    EXPECT(DDS_OK, dds_sync_new_over(config, &connection, &sync, &error), &error);
    own.inside = 1;
    CHECK(sqlite3_exec(own.database, "BEGIN; UPDATE domains SET status = 'suspended'", NULL, NULL, NULL) == SQLITE_OK);
    const char *const domains[] = {arguments[6]};
    EXPECT(DDS_OK, dds_sync_domains(sync, domains, 1, &options, NULL, NULL, &result, &error), &error);
    CHECK(strstr(result, "\"old\":\"suspended\",\"new\":\"active\"") != NULL);
    dds_string_free(result);
    CHECK(count(own.database, "SELECT count(*) FROM domains WHERE status = 'active'") == 1);
    CHECK(sqlite3_exec(own.database, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK);
    CHECK(count(own.database, "SELECT count(*) FROM domains WHERE status = 'active'") > 1);
    dds_sync_free(sync);
    CHECK(own.destroyed == 2);
}

int main(int count, char **arguments) {
    CHECK(count == 7);
    own_registrar(arguments);
    own_connection(arguments);
    puts("host: ok");
    return 0;
}
