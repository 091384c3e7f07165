/* Eight threads on one handle, and no signal of the program's in the library's threads.
 * Arguments: database, registrar's URL, APP_KEY, domains. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "common.h"

enum { THREADS = 8, ROUNDS = 3 };

struct job {
    dds_sync *sync;
    const char *domain;
};

static int32_t count_events(const char *event_json, void *user_data) {
    CHECK(event_json[0] == '{');
    ++*(int *)user_data;
    return 0;
}

static void *work(void *argument) {
    struct job *job = argument;
    dds_options options = DDS_OPTIONS_INIT;
    options.force = 1;
    for (int round = 0; round < ROUNDS; round++) {
        char *result = NULL;
        dds_error *error = NULL;
        int events = 0;
        EXPECT(DDS_OK, dds_sync_domain(job->sync, job->domain, &options, &result, &error), &error);
        CHECK(strstr(result, "\"success\":true") != NULL);
        dds_string_free(result);
        EXPECT(DDS_OK, dds_sync_domains(job->sync, &job->domain, 1, &options, count_events, &events, &result, &error),
               &error);
        CHECK(events == 1);
        dds_string_free(result);
        EXPECT(DDS_OK, dds_stats(job->sync, &result, &error), &error);
        dds_string_free(result);
        EXPECT(DDS_ERR_NOT_FOUND, dds_sync_domain(job->sync, "#999999999", &options, &result, &error), &error);
        events = 0;
        EXPECT(DDS_OK, dds_sync_tld_prices(job->sync, "resellerclub", &options, count_events, &events, &result, &error),
               &error);
        CHECK(events > 1);
        dds_string_free(result);
    }
    return NULL;
}

int main(int count, char **arguments) {
    CHECK(count >= 4 + THREADS);
    dds_sync *sync = open_handle(arguments);
    /* From here on the program's own threads do not take it: where one of the library's did, the process would end. */
    sigset_t blocked, pending;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    CHECK(pthread_sigmask(SIG_BLOCK, &blocked, NULL) == 0);

    pthread_t threads[THREADS];
    struct job jobs[THREADS];
    for (int place = 0; place < THREADS; place++) {
        jobs[place] = (struct job){sync, arguments[4 + place]};
        CHECK(pthread_create(&threads[place], NULL, work, &jobs[place]) == 0);
    }
    CHECK(kill(getpid(), SIGUSR1) == 0);
    for (int place = 0; place < THREADS; place++) {
        CHECK(pthread_join(threads[place], NULL) == 0);
    }
    CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1);
    dds_sync_free(sync);
    puts("threads: ok");
    return 0;
}
