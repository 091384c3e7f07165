/* Jobs in an event loop: two at a time, stopped, freed under way, and every wrong use.
 * Arguments: database, registrar's URL, APP_KEY, domains. */
#include <poll.h>

#include "common.h"

static dds_job *start(dds_sync *sync, char **domains, size_t count, int32_t events) {
    dds_job *job = NULL;
    dds_error *error = NULL;
    dds_options options = DDS_OPTIONS_INIT;
    options.force = 1;
    options.concurrency = 2;
    EXPECT(DDS_OK, dds_job_sync_domains(sync, (const char *const *)domains, count, &options, events, &job, &error), &error);
    CHECK(job != NULL && dds_job_fd(job) >= 0);
    return job;
}

/* Takes what a job has; whether it is done. */
static int take(dds_job *job, int *events) {
    dds_error *error = NULL;
    int32_t state = -1;
    EXPECT(DDS_OK, dds_job_poll(job, 0, &state, &error), &error);
    if (state == DDS_JOB_EVENT) {
        char *event = NULL;
        while (dds_job_next_event(job, &event, &error) == DDS_OK && event != NULL) {
            CHECK(strstr(event, "\"done\":") != NULL && strstr(event, "\"result\":") != NULL);
            dds_string_free(event);
            ++*events;
        }
    }
    return state == DDS_JOB_DONE;
}

static char *result_of(dds_job *job) {
    char *result = NULL;
    dds_error *error = NULL;
    EXPECT(DDS_OK, dds_job_result(job, &result, &error), &error);
    CHECK(result != NULL);
    return result;
}

/* Two batches and nothing but poll(). */
static void two_at_a_time(dds_sync *sync, char **domains, size_t count) {
    dds_job *jobs[2] = {start(sync, domains, count / 2, 1), start(sync, domains + count / 2, count - count / 2, 1)};
    int events[2] = {0, 0}, done[2] = {0, 0};
    while (!done[0] || !done[1]) {
        struct pollfd watched[2] = {{dds_job_fd(jobs[0]), POLLIN, 0}, {dds_job_fd(jobs[1]), POLLIN, 0}};
        for (int i = 0; i < 2; i++) {
            watched[i].fd = done[i] ? -1 : watched[i].fd;
        }
        CHECK(poll(watched, 2, 60000) > 0);
        for (int i = 0; i < 2; i++) {
            done[i] = done[i] || ((watched[i].revents & POLLIN) != 0 && take(jobs[i], &events[i]));
        }
    }
    CHECK((size_t)events[0] == count / 2 && (size_t)events[1] == count - count / 2);
    for (int i = 0; i < 2; i++) {
        struct pollfd ended = {dds_job_fd(jobs[i]), POLLIN, 0};
        CHECK(poll(&ended, 1, 0) == 1);
        char *result = result_of(jobs[i]), *again = (char *)1;
        CHECK(strstr(result, "\"cancelled\":false") != NULL);
        dds_string_free(result);
        dds_error *error = NULL;
        EXPECT(DDS_ERR_CONFIG, dds_job_result(jobs[i], &again, &error), &error);
        CHECK(again == NULL);
        dds_job_free(jobs[i]);
    }
}

static void stopped(dds_sync *sync, char **domains, size_t count) {
    /* One of two is stopped; the other goes on. */
    dds_job *stopped = start(sync, domains, count, 0), *other = start(sync, domains, 2, 0);
    dds_job_cancel(stopped);
    char *result = result_of(stopped);
    CHECK(strstr(result, "\"cancelled\":true") != NULL);
    dds_string_free(result);
    result = result_of(other);
    CHECK(strstr(result, "\"cancelled\":false") != NULL);
    dds_string_free(result);
    dds_job_free(stopped);
    dds_job_free(other);

    /* The handle's cancel stops its jobs. */
    stopped = start(sync, domains, count, 0);
    dds_cancel(sync);
    result = result_of(stopped);
    CHECK(strstr(result, "\"cancelled\":true") != NULL);
    dds_string_free(result);
    dds_job_free(stopped);

    /* Events that nobody takes, and a job that is freed under way. */
    dds_job_free(start(sync, domains, count, 1));
    dds_job *waited = start(sync, domains, 3, 1);
    dds_string_free(result_of(waited));
    int32_t state = 0;
    CHECK(dds_job_poll(waited, -1, &state, NULL) == DDS_OK && state == DDS_JOB_DONE);
    dds_job_free(waited);
}

static void others(dds_sync *sync, char **domains) {
    dds_job *job = NULL;
    dds_error *error = NULL;
    dds_options options = DDS_OPTIONS_INIT;
    options.force = 1;
    int32_t state = 0;
    for (int32_t status_only = 0; status_only < 2; status_only++) {
        EXPECT(DDS_OK, dds_job_sync_domain(sync, domains[0], status_only, &options, &job, &error), &error);
        EXPECT(DDS_OK, dds_job_poll(job, 30000, &state, &error), &error);
        CHECK(state == DDS_JOB_DONE);
        char *result = result_of(job);
        CHECK(strstr(result, "\"success\":true") != NULL);
        dds_string_free(result);
        dds_job_free(job);
    }
    EXPECT(DDS_OK, dds_job_sync_domain_statuses(sync, (const char *const *)domains, 2, NULL, 1, &job, &error), &error);
    dds_string_free(result_of(job));
    dds_job_free(job);
    EXPECT(DDS_OK, dds_job_sync_tld_prices(sync, "resellerclub", &options, 1, &job, &error), &error);
    char *event = NULL;
    EXPECT(DDS_OK, dds_job_poll(job, 30000, &state, &error), &error);
    CHECK(state == DDS_JOB_EVENT);
    EXPECT(DDS_OK, dds_job_next_event(job, &event, &error), &error);
    CHECK(strstr(event, "\"tld\":") != NULL);
    dds_string_free(event);
    dds_string_free(result_of(job));
    dds_job_free(job);
    EXPECT(DDS_OK, dds_job_sync_domain(sync, "nobody-has-this.example", 0, NULL, &job, &error), &error);
    char *result = NULL;
    EXPECT(DDS_ERR_NOT_FOUND, dds_job_result(job, &result, &error), &error);
    CHECK(result == NULL);
    dds_job_free(job);
}

static void wrong(dds_sync *sync, char **domains) {
    dds_job *job = NULL;
    dds_error *error = NULL;
    char *text = NULL;
    int32_t state = 7;
    const char *const *list = (const char *const *)domains;
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_sync_domains(NULL, list, 1, NULL, 0, &job, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_sync_domains(sync, NULL, 1, NULL, 0, &job, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_sync_domains(sync, list, 1, NULL, 0, NULL, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_job_sync_domains(sync, list, 1, NULL, 2, &job, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_sync_domain_statuses(NULL, list, 1, NULL, 0, &job, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_sync_domain(sync, NULL, 0, NULL, &job, &error), &error);
    EXPECT(DDS_ERR_CONFIG, dds_job_sync_domain(sync, domains[0], 3, NULL, &job, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_sync_tld_prices(sync, NULL, NULL, 0, &job, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_poll(NULL, 0, &state, &error), &error);
    CHECK(state == DDS_JOB_RUNNING && job == NULL);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_next_event(NULL, &text, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_result(NULL, &text, &error), &error);
    CHECK(dds_job_fd(NULL) == -1);
    dds_job_cancel(NULL);
    dds_job_free(NULL);
    job = start(sync, domains, 1, 0);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_poll(job, 0, NULL, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_next_event(job, NULL, &error), &error);
    EXPECT(DDS_ERR_NULL_POINTER, dds_job_result(job, NULL, &error), &error);
    dds_job_free(job);
}

int main(int count, char **arguments) {
    CHECK(count > 10);
    dds_sync *sync = open_handle(arguments);
    two_at_a_time(sync, arguments + 4, (size_t)count - 4);
    stopped(sync, arguments + 4, (size_t)count - 4);
    others(sync, arguments + 4);
    wrong(sync, arguments + 4);
    dds_sync_free(sync);
    puts("job: ok");
    return 0;
}
