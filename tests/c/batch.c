/* One domain and batches, with progress, and every way to stop. Prints the JSON of the first two, a line each.
 * Arguments: database, registrar's URL, APP_KEY, domains. */
#include <signal.h>

#include "common.h"

enum stop { NEVER, BY_RETURN, BY_CANCEL, BY_SIGNAL };

struct watch {
    dds_sync *sync;
    enum stop stop;
    int events;
};

/* For the signal handler, which is given nothing. */
static dds_sync *volatile under_way;

static void on_signal(int number) {
    (void)number;
    dds_cancel(under_way);
}

static int32_t watch(const char *event_json, void *user_data) {
    struct watch *watch = user_data;
    char *result = NULL;
    watch->events++;
    CHECK(strstr(event_json, "\"done\":") != NULL && strstr(event_json, "\"total\":") != NULL);
    /* The callback's thread is outside the library's: it may call it. */
    CHECK(dds_stats(watch->sync, &result, NULL) == DDS_OK);
    dds_string_free(result);
    switch (watch->stop) {
    case BY_RETURN:
        return 1;
    case BY_CANCEL:
        dds_cancel(watch->sync);
        return 0;
    case BY_SIGNAL:
        raise(SIGUSR1);
        return 0;
    default:
        return 0;
    }
}

/* A number in a JSON text. */
static long number(const char *json, const char *key) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *place = strstr(json, quoted);
    CHECK(place != NULL);
    return strtol(place + strlen(quoted), NULL, 10);
}

/* A stopped batch says so, and tells what was done until then. */
static void stopped(dds_sync *sync, const char *const *domains, size_t count, enum stop stop) {
    struct watch watched = {sync, stop, 0};
    dds_options options = DDS_OPTIONS_INIT;
    options.force = 1;
    options.concurrency = 1;
    char *result = NULL;
    dds_error *error = NULL;
    EXPECT(DDS_OK, dds_sync_domains(sync, domains, count, &options, watch, &watched, &result, &error), &error);
    CHECK(strstr(result, "\"cancelled\":true") != NULL);
    CHECK(watched.events >= 1);
    CHECK(stop != BY_RETURN || watched.events == 1);
    CHECK(number(result, "total") < (long)count);
    dds_string_free(result);
}

int main(int count, char **arguments) {
    CHECK(count > 6);
    const char *const *domains = (const char *const *)(arguments + 4);
    size_t many = (size_t)count - 4;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);

    dds_sync *sync = open_handle(arguments);
    dds_error *error = NULL;
    char *result = NULL;
    under_way = sync;
    EXPECT(DDS_OK, dds_sync_domain(sync, domains[0], NULL, &result, &error), &error);
    puts(result);
    dds_string_free(result);

    struct watch watched = {sync, NEVER, 0};
    EXPECT(DDS_OK, dds_sync_domains(sync, domains, many, NULL, watch, &watched, &result, &error), &error);
    puts(result);
    CHECK(watched.events == (int)many);
    CHECK(number(result, "total") == (long)many);
    CHECK(number(result, "skipped") == 1);
    CHECK(strstr(result, "\"cancelled\":false") != NULL);
    dds_string_free(result);

    stopped(sync, domains, many, BY_RETURN);
    stopped(sync, domains, many, BY_CANCEL);
    stopped(sync, domains, many, BY_SIGNAL);

    /* Prices are told one TLD at a time, and a stop leaves them as they were. */
    dds_options options = DDS_OPTIONS_INIT;
    options.force = 1;
    watched.events = 0;
    EXPECT(DDS_OK, dds_sync_tld_prices(sync, "resellerclub", &options, watch, &watched, &result, &error), &error);
    CHECK(watched.events > 1 && number(result, "total") == watched.events);
    dds_string_free(result);
    watched.events = 0;
    watched.stop = BY_RETURN;
    EXPECT(DDS_OK, dds_sync_tld_prices(sync, "resellerclub", &options, watch, &watched, &result, &error), &error);
    CHECK(watched.events == 1 && strstr(result, "\"cancelled\":true") != NULL);
    dds_string_free(result);
    dds_sync_free(sync);
    return 0;
}
