/* A forked child is refused, at once and for ever, and leaves its parent's handle alone.
 * Arguments: database, registrar's URL, APP_KEY, a domain. */
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

/* What a child does; its exit status tells where it failed. */
static int child(dds_sync *sync, const char *config, const char *domain) {
    dds_sync *own = NULL;
    dds_error *error = NULL;
    char *result = NULL;
    if (sync != NULL && dds_sync_domain(sync, domain, NULL, &result, &error) != DDS_ERR_FORKED) {
        return 1;
    }
    if (sync != NULL && strstr(dds_error_message(error), "fork") == NULL) {
        return 2;
    }
    dds_error_free(error);
    if (dds_sync_new(config, &own, NULL) != DDS_ERR_FORKED || own != NULL) {
        return 3;
    }
    dds_cancel(sync);
    dds_sync_free(sync);
    return 0;
}

static void in_a_child(dds_sync *sync, const char *config, const char *domain) {
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        _exit(child(sync, config, domain));
    }
    int status = -1;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status));
    if (WEXITSTATUS(status) != 0) {
        fprintf(stderr, "the child failed at step %d\n", WEXITSTATUS(status));
        exit(1);
    }
}

int main(int count, char **arguments) {
    CHECK(count == 5);
    const char *config = config_for(arguments[1], arguments[2], arguments[3]);
    dds_sync *sync = open_handle(arguments);
    dds_error *error = NULL;
    char *result = NULL;
    in_a_child(sync, config, arguments[4]);
    EXPECT(DDS_OK, dds_sync_domain(sync, arguments[4], NULL, &result, &error), &error);
    dds_string_free(result);
    dds_sync_free(sync);
    in_a_child(NULL, config, arguments[4]);
    puts("fork: ok");
    return 0;
}
