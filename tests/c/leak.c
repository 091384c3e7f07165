/* Keeps an error and loses it: the sanitizers must say so, or they would not say so of the other programs either. */
#include "domaindesk_sync.h"

int main(void) {
    dds_error *error = NULL;
    dds_sync_new(NULL, NULL, &error);
    error = NULL;
    return dds_error_code(error);
}
