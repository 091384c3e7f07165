<?php

declare(strict_types=1);

namespace DomainDesk\Bench;

use DateTimeImmutable;

/**
 * The application's database by prepared statements of the database's own, whichever of the three it is. Its times are
 * UTC, as Laravel's are unless told otherwise.
 */
final class PlainStore
{
    private const DATETIME = 'Y-m-d H:i:s';

    public Meter $meter;

    private \PDO $pdo;

    /** @var array<string, \PDOStatement> prepared statements by their text */
    private array $prepared = [];

    /** What stands around an identifier such as `order`, a reserved word. */
    private string $quote;

    /** @param array<string, mixed> $database the connection as Laravel has it */
    public function __construct(#[\SensitiveParameter] array $database, bool $wal)
    {
        $this->quote = $database['driver'] === 'mysql' ? '`' : '"';
        $this->pdo = new \PDO(self::dsn($database), $database['username'] ?? null, $database['password'] ?? null, [
            \PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION,
            \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC,
            \PDO::ATTR_EMULATE_PREPARES => false,
        ]);
        if ($database['driver'] === 'sqlite') {
            $this->pdo->exec('PRAGMA foreign_keys = ON');
        }
        if ($wal) {
            $this->pdo->exec('PRAGMA journal_mode = WAL');
            $this->pdo->exec('PRAGMA synchronous = NORMAL');
        }
    }

    /** @param array<string, mixed> $database */
    private static function dsn(array $database): string
    {
        $server = fn (): string => "host={$database['host']};port={$database['port']};dbname={$database['database']}";

        return match ($database['driver']) {
            'sqlite' => "sqlite:{$database['database']}",
            'mysql' => "mysql:{$server()};charset={$database['charset']}",
            'pgsql' => "pgsql:{$server()};sslmode={$database['sslmode']}",
        };
    }

    /**
     * The domains that have a registrar, never or longest ago synced first.
     *
     * @return list<int>
     */
    public function dueIds(int $limit): array
    {
        return $this->run(
            'SELECT id FROM domains WHERE registrar_id IS NOT NULL AND deleted_at IS NULL'
            . ' ORDER BY last_synced_at IS NOT NULL, last_synced_at, id LIMIT ?',
            [$limit],
        )->fetchAll(\PDO::FETCH_COLUMN);
    }

    /**
     * Domains with their nameservers and contacts, in the order of the ids: three statements however many they are.
     *
     * @param list<int> $ids
     * @return list<array<string, mixed>>
     */
    public function load(array $ids): array
    {
        $in = '(' . implode(',', array_fill(0, count($ids), '?')) . ')';
        $domains = array_fill_keys($ids, null);
        $rows = $this->run("SELECT id, name, partner_id, status, expires_at, sync_metadata FROM domains WHERE id IN $in", $ids);
        foreach ($rows as $row) {
            $domains[$row['id']] = [...$row, 'nameservers' => [], 'contacts' => []];
        }
        $rows = $this->run("SELECT domain_id, nameserver FROM domain_nameservers WHERE domain_id IN $in ORDER BY domain_id, " . $this->names(['order']), $ids);
        foreach ($rows as $row) {
            $domains[$row['domain_id']]['nameservers'][] = $row['nameserver'];
        }
        $rows = $this->run("SELECT * FROM domain_contacts WHERE domain_id IN $in ORDER BY id", $ids);
        foreach ($rows as $row) {
            // The application takes the first of a type.
            $domains[$row['domain_id']]['contacts'][$row['type']] ??= $row;
        }

        return array_values(array_filter($domains));
    }

    public function begin(): void
    {
        $this->pdo->beginTransaction();
    }

    public function commit(): void
    {
        $this->pdo->commit();
    }

    /**
     * Writes what differs, its audit rows and the bookkeeping.
     *
     * @param array<string, mixed> $domain
     * @return int how many fields changed
     */
    public function write(array $domain, RemoteDomain $remote): int
    {
        $now = new DateTimeImmutable('now', new \DateTimeZone('UTC'));
        $columns = [];
        $changes = [];

        $status = Comparison::status($domain['status'], $remote);
        if ($status !== null) {
            $columns['status'] = $status;
            $changes['status'] = [$domain['status'], $status];
        }
        $localDay = $domain['expires_at'] === null ? null : substr($domain['expires_at'], 0, 10);
        if (Comparison::expiryMoved($localDay, $remote)) {
            $columns['expires_at'] = $remote->expiresAt->format(self::DATETIME);
            $changes['expires_at'] = [$localDay, $remote->expiresAt->format('Y-m-d')];
        }
        if (Comparison::nameserversDiffer($domain['nameservers'], $remote)) {
            $this->replaceNameservers($domain['id'], $remote->nameservers, $now);
            $changes['nameservers'] = [$domain['nameservers'], $remote->nameservers];
        }
        foreach ($remote->contacts as $type => $contact) {
            $change = $this->writeContact($domain, $type, $contact, $now);
            if ($change !== null) {
                $changes["contacts.$type"] = $change;
            }
        }
        foreach ($changes as $field => [$old, $new]) {
            $this->writeAudit($domain, $field, $old, $new, $now);
        }

        $metadata = Metadata::synced(self::metadata($domain), $remote, count($changes), $now);
        $this->update('domains', $domain['id'], [
            ...$columns,
            'last_synced_at' => $now->format(self::DATETIME),
            'sync_metadata' => json_encode($metadata, JSON_THROW_ON_ERROR),
        ], $now);

        return count($changes);
    }

    /**
     * Writes down that the registrar could not be asked; the rest of the domain stays.
     *
     * @param array<string, mixed> $domain
     */
    public function writeFailure(array $domain, RegistrarError $error): void
    {
        $now = new DateTimeImmutable('now', new \DateTimeZone('UTC'));
        $metadata = Metadata::failed(self::metadata($domain), $error, $now);
        $this->update('domains', $domain['id'], ['sync_metadata' => json_encode($metadata, JSON_THROW_ON_ERROR)], $now);
    }

    /** @param list<string> $hosts */
    private function replaceNameservers(int $domainId, array $hosts, DateTimeImmutable $now): void
    {
        $this->run('DELETE FROM domain_nameservers WHERE domain_id = ?', [$domainId]);
        $written = $now->format(self::DATETIME);
        $values = [];
        foreach ($hosts as $index => $host) {
            array_push($values, $domainId, $host, $index + 1, $written, $written);
        }
        $rows = implode(', ', array_fill(0, count($hosts), '(?, ?, ?, ?, ?)'));
        $names = $this->names(['domain_id', 'nameserver', 'order', 'created_at', 'updated_at']);
        $this->run("INSERT INTO domain_nameservers ($names) VALUES $rows", $values);
    }

    /**
     * @param array<string, mixed> $domain
     * @param array<string, string> $remote
     * @return ?array{0: ?array<string, ?string>, 1: array<string, string>} the old and the new values, if any changed
     */
    private function writeContact(array $domain, string $type, array $remote, DateTimeImmutable $now): ?array
    {
        $local = $domain['contacts'][$type] ?? null;
        if ($local === null) {
            if (!Comparison::isWholeContact($remote)) {
                return null;
            }
            $this->insert('domain_contacts', ['domain_id' => $domain['id'], 'type' => $type, ...$remote], $now);

            return [null, $remote];
        }
        $new = Comparison::contact($local, $remote);
        if ($new === []) {
            return null;
        }
        $this->update('domain_contacts', $local['id'], $new, $now);

        return [array_intersect_key($local, $new), $new];
    }

    /** @param array<string, mixed> $domain */
    private function writeAudit(array $domain, string $field, mixed $old, mixed $new, DateTimeImmutable $now): void
    {
        $this->insert('audit_logs', [
            'user_id' => null,
            'partner_id' => $domain['partner_id'],
            'action' => 'sync_update',
            'auditable_type' => 'App\\Models\\Domain',
            'auditable_id' => $domain['id'],
            'old_values' => json_encode([$field => $old], JSON_THROW_ON_ERROR),
            'new_values' => json_encode([$field => $new], JSON_THROW_ON_ERROR),
        ], $now);
    }

    /** @param array<string, mixed> $columns */
    private function insert(string $table, array $columns, DateTimeImmutable $now): void
    {
        $columns['created_at'] = $columns['updated_at'] = $now->format(self::DATETIME);
        $names = $this->names(array_keys($columns));
        $marks = implode(', ', array_fill(0, count($columns), '?'));
        $this->run("INSERT INTO $table ($names) VALUES ($marks)", array_values($columns));
    }

    /** @param array<string, mixed> $columns */
    private function update(string $table, int $id, array $columns, DateTimeImmutable $now): void
    {
        $columns['updated_at'] = $now->format(self::DATETIME);
        $set = $this->names(array_keys($columns), ' = ?');
        $this->run("UPDATE $table SET $set WHERE id = ?", [...array_values($columns), $id]);
    }

    /**
     * Columns in quotes, each with what follows it.
     *
     * @param list<string> $columns
     */
    private function names(array $columns, string $after = ''): string
    {
        return implode(', ', array_map(fn (string $column): string => $this->quote . $column . $this->quote . $after, $columns));
    }

    /** @param list<mixed> $values */
    private function run(string $sql, array $values): \PDOStatement
    {
        $statement = $this->prepared[$sql] ??= $this->pdo->prepare($sql);
        $statement->execute($values);
        $this->meter->sqlStatements++;

        return $statement;
    }

    /**
     * @param array<string, mixed> $domain
     * @return array<string, mixed>
     */
    private static function metadata(array $domain): array
    {
        $metadata = json_decode($domain['sync_metadata'] ?? '', true);

        return is_array($metadata) ? $metadata : [];
    }
}
