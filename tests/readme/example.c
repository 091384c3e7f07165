#include <domaindesk_sync.h>
#include <stdio.h>

/* Called on this thread for each domain as it is done; anything but 0 stops the batch. */
static int32_t tell(const char *event_json, void *user_data) {
    (void)user_data;
    fprintf(stderr, "%s\n", event_json);
    return 0;
}

/* Syncs the domains that are due, with the configuration (JSON) that is the first argument. */
int main(int argc, char **argv) {
    dds_sync *sync = NULL;
    dds_error *error = NULL;
    char *report = NULL;
    dds_code code = dds_sync_new(argc > 1 ? argv[1] : "{}", &sync, &error);
    if (code == DDS_OK) {
        code = dds_sync_domains(sync, NULL, 0, NULL, tell, NULL, &report, &error);
    }
    if (code == DDS_OK) {
        puts(report); /* {"stats": {...}, "results": {"example.com": {...}}, ...} */
    } else {
        fprintf(stderr, "%s: %s\n", dds_error_kind(error), dds_error_message(error));
    }
    dds_string_free(report);
    dds_error_free(error);
    dds_sync_free(sync);
    return code == DDS_OK ? 0 : 1;
}
