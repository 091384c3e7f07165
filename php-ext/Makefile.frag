DOMAINDESK_SYNC_MANIFEST = $(srcdir)/Cargo.toml
DOMAINDESK_SYNC_TARGET = $(or $(CARGO_TARGET_DIR),$(builddir)/cargo)

.PHONY: domaindesk_sync_cargo

$(phplibdir)/domaindesk_sync.so: domaindesk_sync_cargo
	mkdir -p $(phplibdir)
	cp $(DOMAINDESK_SYNC_TARGET)/release/libdomaindesk_sync_php.so $@

domaindesk_sync_cargo:
	$(if $(filter /%,$(DOMAINDESK_SYNC_PHP_CONFIG)),PHP_CONFIG=$(DOMAINDESK_SYNC_PHP_CONFIG)) $(CARGO) build --release --locked --manifest-path $(DOMAINDESK_SYNC_MANIFEST) --package domaindesk-sync-php --target-dir $(DOMAINDESK_SYNC_TARGET)
