<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Facades;

use DomainDesk\Sync\Laravel\Testing\RegistrarSyncFake;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Support\Facades\Facade;

/**
 * The engine, by ids and names; RegistrarSyncService has the same with models.
 *
 * @method static array syncDomain(int|string $domain, bool $force = false, array $options = [])
 * @method static array syncDomains(?array $domains = null, bool $force = false, ?callable $progress = null, array $options = [])
 * @method static array syncDomainStatus(int|string $domain, array $options = [])
 * @method static array syncDomainStatuses(?array $domains = null, ?callable $progress = null, array $options = [])
 * @method static array syncTldPrices(int|string $registrar, ?callable $progress = null, bool $force = false, array $options = [])
 * @method static array getDomainsNeedingSync(int $limit = 100, array $options = [])
 * @method static array getDomainsNeedingReview(int $limit = 100, array $options = [])
 * @method static array getExpiringDomains(int $days = 30, array $options = [])
 * @method static array getStats()
 * @method static bool clearReview(int|string $domain)
 * @method static void cancel()
 * @method static void setLogger(?callable $logger)
 *
 * @see RegistrarSyncInterface
 * @see RegistrarSyncFake for the assertions after fake()
 */
final class RegistrarSync extends Facade
{
    /**
     * Puts a double in the engine's place, for services, commands and jobs alike: it asks no registrar, writes nothing and
     * needs no extension. It announces its results by the same events.
     *
     * @param array<string, array<string, mixed>|\Throwable|callable> $answers by domain name, `*` standing for any text: parts
     *     of a result (`['changes' => …]`, `['error' => …]`), an exception to throw, or a callable that gets the name and
     *     gives either. A domain without an answer is synced and nothing has changed
     */
    public static function fake(array $answers = []): RegistrarSyncFake
    {
        $fake = self::getFacadeApplication()->make(RegistrarSyncFake::class, ['answers' => $answers]);
        self::swap($fake);

        return $fake;
    }

    protected static function getFacadeAccessor(): string
    {
        return RegistrarSyncInterface::class;
    }
}
