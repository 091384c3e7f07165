/* How long a call takes that asks no registrar: a domain that was synced just now.
 * Arguments: configuration, domain, how often. Prints nanoseconds a call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "domaindesk_sync.h"

int main(int argc, char **argv) {
    dds_sync *sync = NULL;
    dds_error *error = NULL;
    long times = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    if (times < 1 || dds_sync_new(argv[1], &sync, &error) != DDS_OK) {
        fprintf(stderr, "%s\n", error == NULL ? "usage: calls CONFIG DOMAIN TIMES" : dds_error_message(error));
        return 1;
    }
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long i = 0; i < times; i++) {
        char *result = NULL;
        if (dds_sync_domain(sync, argv[2], NULL, &result, &error) != DDS_OK || strstr(result, "\"skipped\":true") == NULL) {
            fprintf(stderr, "%s\n", error == NULL ? result : dds_error_message(error));
            return 1;
        }
        dds_string_free(result);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.0f\n", ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / (double)times);
    dds_sync_free(sync);
    return 0;
}
