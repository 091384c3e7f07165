--TEST--
A class of PHP code can implement the interface, with its own signatures and wider ones
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
use DomainDesk\Sync\{RegistrarSync, RegistrarSyncInterface};
final class Exact implements RegistrarSyncInterface
{
    public function syncDomain(int|string $domain, bool $force = false, array $options = []): array { return [$domain, $force, $options]; }
    public function syncDomains(?array $domains = null, bool $force = false, ?callable $progress = null, array $options = []): array { return []; }
    public function syncDomainStatus(int|string $domain, array $options = []): array { return []; }
    public function syncDomainStatuses(?array $domains = null, ?callable $progress = null, array $options = []): array { return []; }
    public function apply(array $plan, ?callable $progress = null, array $options = []): array { return []; }
    public function explain(int|string $domain): array { return []; }
    public function syncTldPrices(int|string $registrar, ?callable $progress = null, bool $force = false, array $options = []): array { return []; }
    public function getDomainsNeedingSync(int $limit = 100, array $options = []): array { return []; }
    public function getDomainsNeedingReview(array $options = []): array { return []; }
    public function getExpiringDomains(int $days = 30, array $options = []): array { return []; }
    public function getStats(): array { return []; }
    public function clearReview(int|string $domain): bool { return true; }
    public function cancel(): void {}
    public function setLogger(?callable $logger): void {}
    public function setRegistrar(string $slug, object $registrar): void {}
}
function takes(RegistrarSyncInterface $sync): string { return get_class($sync); }
echo takes(new Exact()), ' ', takes(sync()), ' ', json_encode((new Exact())->syncDomain('a.example')), "\n";
[, $err, $code] = in_process('
    abstract class Wrong implements DomainDesk\Sync\RegistrarSyncInterface {
        public function syncDomain(int $domain, bool $force = false, array $options = []): array {}
    }');
echo yes(str_contains($err, 'must be compatible with') && str_contains($err, 'string|int $domain')), ' ', $code, "\n";
--EXPECT--
Exact DomainDesk\Sync\RegistrarSync ["a.example",false,[]]
yes 255
