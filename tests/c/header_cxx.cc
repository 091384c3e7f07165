/* The header is C++ too, and may be included twice. */
#include "domaindesk_sync.h"
#include "domaindesk_sync.h"

#include <cstring>

static_assert(DDS_OK == 0, "success is zero");

int main() {
    dds_options options = DDS_OPTIONS_INIT;
    char *result = nullptr;
    dds_error *error = nullptr;
    dds_code code = dds_sync_domains(
        nullptr, nullptr, 0, &options, [](const char *, void *) -> int32_t { return 0; }, nullptr, &result, &error);
    bool is_right = code == DDS_ERR_NULL_POINTER && result == nullptr && std::strlen(dds_error_message(error)) > 0;
    dds_error_free(error);
    return is_right ? 0 : 1;
}
