/* The header needs nothing before it, and may be included twice. */
#include "domaindesk_sync.h"
#include "domaindesk_sync.h"

int main(void) {
    dds_options options = DDS_OPTIONS_INIT;
    return options.struct_size == sizeof options && dds_abi_version() == DDS_ABI_VERSION ? 0 : 1;
}
