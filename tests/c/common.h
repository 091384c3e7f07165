/* What the programs share: checks that end the program, and the configuration of a test. */
#ifndef COMMON_H
#define COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domaindesk_sync.h"

/* Ends the program where a condition does not hold. */
#define CHECK(condition)                                                             \
    do {                                                                             \
        if (!(condition)) {                                                          \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                 \
        }                                                                            \
    } while (0)

/* Ends the program where a call did not end as expected; frees its error. */
#define EXPECT(wanted, call, error) expect(__FILE__, __LINE__, #call, (wanted), (call), (error))

static inline void expect(const char *file, int line, const char *call, dds_code wanted, dds_code got, dds_error **error) {
    /* The call has been made before this function is entered, so *error is what it has set. */
    if (got != wanted) {
        fprintf(stderr, "%s:%d: %s gave %s, not %s: %s\n", file, line, call, dds_code_name(got), dds_code_name(wanted),
                error == NULL ? "" : dds_error_message(*error));
        exit(1);
    }
    if (error != NULL) {
        CHECK(dds_error_code(*error) == got);
        CHECK((*error == NULL) == (got == DDS_OK));
        CHECK(got == DDS_OK || strlen(dds_error_message(*error)) > 0);
        CHECK(got == DDS_OK || strlen(dds_error_kind(*error)) > 0);
        dds_error_free(*error);
        *error = NULL;
    }
}

/* The configuration for a database and a registrar. */
static inline const char *config_for(const char *database, const char *url, const char *key) {
    static char config[4096];
    int length = snprintf(config, sizeof config,
                          "{\"database\": \"sqlite:%s\", \"app_key\": \"%s\","
                          /* Every sync asks for each domain, so that a batch takes a while. */
                          " \"domain\": {\"details_interval_hours\": 0},"
                          " \"registrar\": {\"defaults\": {\"timeout\": 10, \"rate_limit\": null},"
                          " \"registrars\": {\"resellerclub\": {\"api_url\": \"%s\"}}}}",
                          database, key, url);
    CHECK(length > 0 && (size_t)length < sizeof config);
    return config;
}

/* A handle on the database and the registrar of the first three arguments. */
static inline dds_sync *open_handle(char **arguments) {
    dds_sync *sync = NULL;
    dds_error *error = NULL;
    EXPECT(DDS_OK, dds_sync_new(config_for(arguments[1], arguments[2], arguments[3]), &sync, &error), &error);
    CHECK(sync != NULL);
    return sync;
}

#endif
