/* Every function once as it should be, and once with each wrong argument.
 * Arguments: database, registrar's URL, APP_KEY, a domain. */
#include "common.h"

_Static_assert(DDS_OK == 0, "success is zero");
_Static_assert(sizeof(dds_code) == sizeof(int32_t), "codes are 32 bits");
_Static_assert(offsetof(dds_options, struct_size) == 0, "options begin with their size");

static const char NO_UTF8[] = "\xff\xfe.example";

static int32_t ignore(const char *event_json, void *user_data) {
    (void)event_json;
    (void)user_data;
    return 0;
}

static void versions(void) {
    char version[64];
    snprintf(version, sizeof version, "%d.%d.%d", DDS_VERSION_MAJOR, DDS_VERSION_MINOR, DDS_VERSION_PATCH);
    CHECK(strcmp(dds_version(), version) == 0);
    CHECK(dds_abi_version() == DDS_ABI_VERSION);
    CHECK(strcmp(dds_code_name(DDS_OK), "DDS_OK") == 0);
    CHECK(strcmp(dds_code_name(DDS_ERR_NULL_POINTER), "DDS_ERR_NULL_POINTER") == 0);
    CHECK(strcmp(dds_code_name(-12345), "unknown") == 0);
}

static void nothing_to_free(void) {
    dds_string_free(NULL);
    dds_error_free(NULL);
    dds_sync_free(NULL);
    dds_cancel(NULL);
    CHECK(dds_error_code(NULL) == DDS_OK);
    CHECK(strcmp(dds_error_message(NULL), "") == 0);
    CHECK(strcmp(dds_error_kind(NULL), "") == 0);
    CHECK(dds_error_registrar(NULL) == NULL);
    CHECK(dds_error_registrar_code(NULL) == NULL);
    CHECK(dds_error_retry_after_ms(NULL) == 0);
}

static void no_handle(const char *config) {
    dds_sync *sync = (dds_sync *)&sync;
    dds_error *error = NULL;
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_new(NULL, &sync, &error), &error);
    CHECK(sync == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_new(config, NULL, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_new(NULL, NULL, NULL), NULL);
    EXPECT(DDS_ERR_INVALID_UTF8, dds_sync_new(NO_UTF8, &sync, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_sync_new("{", &sync, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_sync_new("{}", &sync, &error), &error);
    EXPECT(DDS_ERR_STORE, dds_sync_new("{\"database\": \"sqlite:/nowhere/at/all.sqlite\"}", &sync, &error), &error);
    CHECK(sync == NULL);

    CHECK(dds_sync_new("{\"database\": \"sqlite:/x\", \"timezone\": \"Mars\"}", &sync, &error) == DDS_ERR_CONFIG);
    CHECK(strstr(dds_error_message(error), "timezone") != NULL);
    CHECK(strcmp(dds_error_kind(error), "config") == 0);
    CHECK(dds_error_registrar(error) == NULL);
    CHECK(dds_error_registrar_code(error) == NULL);
    CHECK(dds_error_retry_after_ms(error) == 0);
    dds_error_free(error);
}

static void from_the_environment(char **arguments) {
    dds_sync *sync = (dds_sync *)&sync;
    dds_error *error = NULL;
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_new_from_env(NULL, NULL, &error), &error);
    EXPECT(DDS_ERR_INVALID_UTF8, dds_sync_new_from_env(NO_UTF8, &sync, &error), &error);
    CHECK(sync == NULL);
    EXPECT(DDS_ERR_CONFIG, dds_sync_new_from_env("{", &sync, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_sync_new_from_env("7", &sync, &error), &error);
    unsetenv("DB_URL");
    CHECK(setenv("DB_CONNECTION", "sqlite", 1) == 0 && setenv("DB_DATABASE", arguments[1], 1) == 0);
    CHECK(setenv("APP_TIMEZONE", "Mars", 1) == 0);
    CHECK(dds_sync_new_from_env(NULL, &sync, &error) == DDS_ERR_CONFIG);
    CHECK(strstr(dds_error_message(error), "APP_TIMEZONE") != NULL);
    dds_error_free(error);
    EXPECT(DDS_OK, dds_sync_new_from_env("{\"timezone\": \"UTC\"}", &sync, &error), &error);
    dds_sync_free(sync);
    CHECK(setenv("APP_TIMEZONE", "UTC", 1) == 0);
    EXPECT(DDS_OK, dds_sync_new_from_env(NULL, &sync, NULL), NULL);
    dds_sync_free(sync);
}

/* What holds for the two functions about one domain. */
static void one(dds_sync *sync, const char *domain,
                dds_code (*call)(dds_sync *, const char *, const dds_options *, char **, dds_error **)) {
    char *result = (char *)&result;
    dds_error *error = NULL;
    EXPECT(DDS_ERR_NULL_POINTER, call(NULL, domain, NULL, &result, &error), &error);
    CHECK(result == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, call(sync, NULL, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, call(sync, domain, NULL, NULL, &error), &error);
    EXPECT(DDS_ERR_INVALID_UTF8, call(sync, NO_UTF8, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_CONFIG, call(sync, "no name", NULL, &result, &error), &error);
    EXPECT(DDS_ERR_CONFIG, call(sync, "#0", NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NOT_FOUND, call(sync, "#999999999", NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NOT_FOUND, call(sync, "nobody-has-this.example", NULL, &result, NULL), NULL);
    CHECK(result == NULL);

    dds_options options = DDS_OPTIONS_INIT;
    options.force = 1;
    options.source = "queue";
    EXPECT(DDS_OK, call(sync, domain, &options, &result, &error), &error);
    CHECK(strstr(result, "\"success\":true") != NULL);
    CHECK(strstr(result, domain) != NULL);
    dds_string_free(result);
    EXPECT(DDS_OK, call(sync, domain, NULL, &result, NULL), NULL);
    dds_string_free(result);
}

/* What holds for the two functions about many domains. */
static void many(dds_sync *sync, const char *domain,
                 dds_code (*call)(dds_sync *, const char *const *, size_t, const dds_options *, dds_progress_fn, void *,
                                  char **, dds_error **)) {
    const char *good[] = {domain, "nobody-has-this.example", domain};
    const char *null[] = {domain, NULL};
    const char *no_utf8[] = {domain, NO_UTF8};
    const char *no_name[] = {domain, "#", domain};
    char *result = (char *)&result;
    dds_error *error = NULL;
    EXPECT(DDS_ERR_NULL_POINTER, call(NULL, good, 3, NULL, ignore, NULL, &result, &error), &error);
    CHECK(result == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, call(sync, NULL, 3, NULL, ignore, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, call(sync, good, 3, NULL, ignore, NULL, NULL, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, call(sync, null, 2, NULL, ignore, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_INVALID_UTF8, call(sync, no_utf8, 2, NULL, ignore, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_CONFIG, call(sync, good, (size_t)-1, NULL, ignore, NULL, &result, &error), &error);
    CHECK(call(sync, no_name, 3, NULL, ignore, NULL, &result, &error) == DDS_ERR_CONFIG);
    CHECK(strstr(dds_error_message(error), "domains[1]") != NULL);
    dds_error_free(error);

    EXPECT(DDS_OK, call(sync, good, 3, NULL, ignore, NULL, &result, &error), &error);
    CHECK(strstr(result, "\"total\":2,") != NULL);
    CHECK(strstr(result, "\"failed\":1,") != NULL);
    dds_string_free(result);
    /* An empty list is an empty batch; no list is those that need a sync. */
    EXPECT(DDS_OK, call(sync, good, 0, NULL, NULL, NULL, &result, NULL), NULL);
    CHECK(strstr(result, "\"total\":0,") != NULL);
    dds_string_free(result);
    dds_options options = DDS_OPTIONS_INIT;
    options.limit = 2;
    options.results = DDS_RESULTS_NONE;
    EXPECT(DDS_OK, call(sync, NULL, 0, &options, NULL, NULL, &result, &error), &error);
    CHECK(strstr(result, "\"results\":{}") != NULL);
    dds_string_free(result);
}

static void prices(dds_sync *sync) {
    char *result = (char *)&result;
    dds_error *error = NULL;
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_tld_prices(NULL, "resellerclub", NULL, ignore, NULL, &result, &error), &error);
    CHECK(result == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_tld_prices(sync, NULL, NULL, ignore, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_sync_tld_prices(sync, "resellerclub", NULL, ignore, NULL, NULL, &error), &error);
    EXPECT(DDS_ERR_INVALID_UTF8, dds_sync_tld_prices(sync, NO_UTF8, NULL, ignore, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_sync_tld_prices(sync, "#x", NULL, ignore, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NOT_FOUND, dds_sync_tld_prices(sync, "nobody", NULL, ignore, NULL, &result, &error), &error);
    EXPECT(DDS_OK, dds_sync_tld_prices(sync, "resellerclub", NULL, ignore, NULL, &result, &error), &error);
    CHECK(strstr(result, "\"registrar\":\"resellerclub\"") != NULL);
    dds_string_free(result);
    EXPECT(DDS_OK, dds_sync_tld_prices(sync, "resellerclub", NULL, NULL, NULL, &result, NULL), NULL);
    dds_string_free(result);
}

/* A dry run is kept, shown and applied. */
static void plans(dds_sync *sync, const char *domain) {
    char *report = NULL;
    char *result = (char *)&result;
    dds_error *error = NULL;
    dds_options options = DDS_OPTIONS_INIT;
    options.force = 1;
    options.dry_run = 1;
    EXPECT(DDS_OK, dds_sync_domains(sync, &domain, 1, &options, NULL, NULL, &report, &error), &error);
    CHECK(strstr(report, "\"kept_plan\":{\"version\":1,") != NULL);

    EXPECT(DDS_ERR_NULL_POINTER, dds_describe_plan(NULL, &result, &error), &error);
    CHECK(result == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, dds_describe_plan(report, NULL, &error), &error);
    EXPECT(DDS_ERR_INVALID_UTF8, dds_describe_plan(NO_UTF8, &result, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_describe_plan("{}", &result, NULL), NULL);
    EXPECT(DDS_OK, dds_describe_plan(report, &result, &error), &error);
    CHECK(strstr(result, "1 unchanged.") != NULL);
    dds_string_free(result);

    result = (char *)&result;
    EXPECT(DDS_ERR_NULL_POINTER, dds_apply_plan(NULL, report, NULL, ignore, NULL, &result, &error), &error);
    CHECK(result == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, dds_apply_plan(sync, NULL, NULL, ignore, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_apply_plan(sync, report, NULL, ignore, NULL, NULL, &error), &error);
    EXPECT(DDS_ERR_INVALID_UTF8, dds_apply_plan(sync, NO_UTF8, NULL, ignore, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_apply_plan(sync, "{", NULL, ignore, NULL, &result, &error), &error);
    CHECK(dds_apply_plan(sync, "{\"version\":2}", NULL, ignore, NULL, &result, &error) == DDS_ERR_CONFIG);
    CHECK(strstr(dds_error_message(error), "version 1") != NULL);
    dds_error_free(error);
    EXPECT(DDS_OK, dds_apply_plan(sync, report, &options, ignore, NULL, &result, &error), &error);
    CHECK(strstr(result, "\"synced\":1,") != NULL && strstr(result, "\"dry_run\":true") != NULL);
    dds_string_free(result);
    EXPECT(DDS_OK, dds_apply_plan(sync, report, NULL, NULL, NULL, &result, NULL), NULL);
    CHECK(strstr(result, "\"synced\":1,") != NULL && strstr(result, "\"api_calls\":0,") != NULL);
    dds_string_free(result);
    dds_string_free(report);
}

static void explained(dds_sync *sync, const char *domain) {
    char *result = (char *)&result;
    dds_error *error = NULL;
    EXPECT(DDS_ERR_NULL_POINTER, dds_explain(NULL, domain, NULL, &result, &error), &error);
    CHECK(result == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, dds_explain(sync, NULL, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_explain(sync, domain, NULL, NULL, &error), &error);
    EXPECT(DDS_ERR_INVALID_UTF8, dds_explain(sync, NO_UTF8, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_explain(sync, "#0", NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NOT_FOUND, dds_explain(sync, "#999999999", NULL, &result, &error), &error);
    EXPECT(DDS_OK, dds_explain(sync, domain, NULL, &result, NULL), NULL);
    CHECK(strstr(result, "\"last_outcome\":\"synced\"") != NULL && strstr(result, "\"due_at\":") != NULL);
    dds_string_free(result);
}

static void lists_and_numbers(dds_sync *sync, const char *domain) {
    char *result = (char *)&result;
    dds_error *error = NULL;
    int32_t cleared = 7;
    EXPECT(DDS_ERR_NULL_POINTER, dds_domains_needing_sync(NULL, 3, NULL, &result, &error), &error);
    CHECK(result == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, dds_domains_needing_sync(sync, 3, NULL, NULL, &error), &error);
    EXPECT(DDS_OK, dds_domains_needing_sync(sync, 3, NULL, &result, NULL), NULL);
    CHECK(result[0] == '[');
    dds_string_free(result);

    EXPECT(DDS_ERR_NULL_POINTER, dds_domains_needing_review(NULL, 3, NULL, &result, &error), &error);
    CHECK(result == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, dds_domains_needing_review(sync, 3, NULL, NULL, &error), &error);
    EXPECT(DDS_OK, dds_domains_needing_review(sync, 3, NULL, &result, NULL), NULL);
    CHECK(result[0] == '[');
    dds_string_free(result);

    EXPECT(DDS_ERR_NULL_POINTER, dds_expiring_domains(NULL, 30, NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_expiring_domains(sync, 30, NULL, NULL, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_expiring_domains(sync, UINT32_MAX, NULL, &result, &error), &error);
    EXPECT(DDS_OK, dds_expiring_domains(sync, 36500, NULL, &result, NULL), NULL);
    CHECK(result[0] == '[');
    dds_string_free(result);

    EXPECT(DDS_ERR_NULL_POINTER, dds_stats(NULL, &result, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_stats(sync, NULL, &error), &error);
    EXPECT(DDS_OK, dds_stats(sync, &result, NULL), NULL);
    CHECK(strstr(result, "\"by_status\"") != NULL);
    dds_string_free(result);

    EXPECT(DDS_ERR_NULL_POINTER, dds_clear_review(NULL, domain, &cleared, &error), &error);
    CHECK(cleared == 0);
    EXPECT(DDS_ERR_NULL_POINTER, dds_clear_review(sync, NULL, &cleared, &error), &error);
    EXPECT(DDS_ERR_INVALID_UTF8, dds_clear_review(sync, NO_UTF8, &cleared, &error), &error);
    EXPECT(DDS_ERR_NOT_FOUND, dds_clear_review(sync, "#999999999", &cleared, &error), &error);
    EXPECT(DDS_OK, dds_clear_review(sync, domain, &cleared, NULL), NULL);
    CHECK(cleared == 0);
    EXPECT(DDS_OK, dds_clear_review(sync, domain, NULL, &error), &error);
}

/* A wrong option is refused and named. */
static void refused(dds_sync *sync, const char *domain, const dds_options *options, dds_code code, const char *name) {
    char *result = NULL;
    dds_error *error = NULL;
    CHECK(dds_sync_domain(sync, domain, options, &result, &error) == code);
    if (strstr(dds_error_message(error), name) == NULL) {
        fprintf(stderr, "%s is not named: %s\n", name, dds_error_message(error));
        exit(1);
    }
    CHECK(result == NULL);
    dds_error_free(error);
}

static void options(dds_sync *sync, const char *domain) {
    const dds_options defaults = DDS_OPTIONS_INIT;
    dds_options options;
    memset(&options, 0xff, sizeof options);
    dds_options_init(&options, sizeof options);
    CHECK(options.struct_size == sizeof options && options.force == 0 && options.user_id == 0 && options.source == NULL);
    dds_options_init(NULL, sizeof options);
    options.force = 5;
    dds_options_init(&options, 3);
    CHECK(options.force == 5);

    options = defaults, options.struct_size = 0;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "struct_size");
    options = defaults, options.struct_size = offsetof(dds_options, max_seconds) - 1;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "struct_size");
    options = defaults, options.struct_size = (size_t)-1;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "struct_size");
    /* A program with an earlier header has a shorter struct. */
    options = defaults, options.struct_size = offsetof(dds_options, max_seconds), options.max_seconds = UINT32_MAX;
    options.dry_run = 1;
    char *shorter = NULL;
    EXPECT(DDS_OK, dds_sync_domain(sync, domain, &options, &shorter, NULL), NULL);
    dds_string_free(shorter);
    options = defaults, options.force = 2;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "options.force");
    options = defaults, options.dry_run = -1;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "options.dry_run");
    options = defaults, options.allow_mass_change = 256;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "options.allow_mass_change");
    options = defaults, options.results = 3;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "options.results");
    options = defaults, options.concurrency = 1025;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "options.concurrency");
    options = defaults, options.partner_id = -1;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "options.partner_id");
    options = defaults, options.user_id = -1;
    refused(sync, domain, &options, DDS_ERR_CONFIG, "options.user_id");
    options = defaults, options.source = " ";
    refused(sync, domain, &options, DDS_ERR_CONFIG, "options.source");
    options = defaults, options.source = NO_UTF8;
    refused(sync, domain, &options, DDS_ERR_INVALID_UTF8, "options.source");
    /* Another partner's domain does not exist. */
    options = defaults, options.partner_id = 999999999;
    refused(sync, domain, &options, DDS_ERR_NOT_FOUND, domain);

    /* A program with a later header passes a larger struct. */
    struct {
        dds_options known;
        int64_t later;
    } larger = {DDS_OPTIONS_INIT, 1};
    larger.known.struct_size = sizeof larger;
    larger.known.dry_run = 1;
    larger.known.force = 1;
    char *result = NULL;
    EXPECT(DDS_OK, dds_sync_domain(sync, domain, &larger.known, &result, NULL), NULL);
    CHECK(strstr(result, "\"dry_run\":true") != NULL);
    dds_string_free(result);
}

int main(int count, char **arguments) {
    CHECK(count == 5);
    const char *domain = arguments[4];
    versions();
    nothing_to_free();
    no_handle(config_for(arguments[1], arguments[2], arguments[3]));
    from_the_environment(arguments);
    dds_sync *sync = open_handle(arguments);
    dds_sync *second = open_handle(arguments);
    one(sync, domain, dds_sync_domain);
    one(sync, domain, dds_sync_domain_status);
    many(sync, domain, dds_sync_domains);
    many(sync, domain, dds_sync_domain_statuses);
    prices(sync);
    plans(sync, domain);
    explained(sync, domain);
    dds_sync_free(sync);
    lists_and_numbers(second, domain);
    options(second, domain);
    /* A cancel stops what is under way, and nothing later. */
    dds_cancel(second);
    one(second, domain, dds_sync_domain);
    dds_sync_free(second);
    /* The first handle after the last starts the threads again. */
    dds_sync_free(open_handle(arguments));
    puts("smoke: ok");
    return 0;
}
