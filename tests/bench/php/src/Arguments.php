<?php

declare(strict_types=1);

namespace DomainDesk\Bench;

/** What a peer is started with. Wrong arguments end the script with status 2 and the reason. */
final class Arguments
{
    /** The variable with the database: it holds a password, which a command line would show to all. */
    private const DATABASE = 'DDS_BENCH_DATABASE';

    private const USAGE = 'usage: ' . self::DATABASE . '=LARAVEL_CONNECTION_AS_JSON php SCRIPT --url=BASE_URL'
        . ' --auth-userid=ID --api-key=KEY [--limit=N] [--batch=N] [--wal]';

    private function __construct(
        /** @var array<string, mixed> the connection as it stands in Laravel's `config/database.php` */
        #[\SensitiveParameter]
        public readonly array $database,
        /** The registrar's API, without a slash at its end. */
        public readonly string $url,
        public readonly string $authUserid,
        #[\SensitiveParameter]
        public readonly string $apiKey,
        /** The most domains to sync. */
        public readonly int $limit,
        /** Domains written in one transaction. */
        public readonly int $batch,
        /** Whether a SQLite file is switched to a write-ahead log. */
        public readonly bool $wal,
    ) {
    }

    /**
     * Reads the command line; the script takes `--batch` only if it says so.
     *
     * @param list<string> $words the command line without the script's name
     */
    public static function read(array $words, bool $withBatch = false): self
    {
        $known = ['url', 'auth-userid', 'api-key', 'limit', 'wal', ...($withBatch ? ['batch'] : [])];
        $options = [];
        foreach ($words as $word) {
            [$name, $value] = [...explode('=', $word, 2), ''];
            $name = str_starts_with($name, '--') ? substr($name, 2) : '';
            if (!in_array($name, $known, true)) {
                // Its value may be a key.
                self::refuse('unknown argument ' . strtok($word, '='));
            }
            $options[$name] = $value;
        }

        return new self(
            database: self::database(),
            url: rtrim(self::text($options, 'url'), '/'),
            authUserid: self::text($options, 'auth-userid'),
            apiKey: self::text($options, 'api-key'),
            limit: self::number($options, 'limit', PHP_INT_MAX),
            batch: self::number($options, 'batch', 1),
            wal: isset($options['wal']),
        );
    }

    /** @return array<string, mixed> */
    private static function database(): array
    {
        $database = json_decode((string) getenv(self::DATABASE), true);
        if (!is_array($database) || !is_string($database['driver'] ?? null)) {
            self::refuse('the environment has no connection in ' . self::DATABASE);
        }

        return $database;
    }

    /** @param array<string, string> $options */
    private static function text(array $options, string $name): string
    {
        $value = $options[$name] ?? '';
        if ($value === '') {
            self::refuse("--$name is missing");
        }

        return $value;
    }

    /** @param array<string, string> $options */
    private static function number(array $options, string $name, int $otherwise): int
    {
        if (!isset($options[$name])) {
            return $otherwise;
        }
        $value = filter_var($options[$name], FILTER_VALIDATE_INT, ['options' => ['min_range' => 1]]);
        if ($value === false) {
            self::refuse("--$name is no number from 1");
        }

        return $value;
    }

    private static function refuse(string $problem): never
    {
        fwrite(STDERR, $problem . "\n" . self::USAGE . "\n");
        exit(2);
    }
}
