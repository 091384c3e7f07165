<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Support\Carbon;
use stdClass;

/** What stands in `domains.sync_metadata`, as the database has it: an empty object stays one, whatever the model casts to. */
final class SyncMetadata
{
    /** The keys that a failure leaves, and a call for a person. */
    private const FAILURE = [
        'last_sync_attempt', 'last_sync_error', 'error_code', 'attempts', 'next_attempt_at',
        'needs_review', 'review_reason', 'review_since',
    ];

    private function __construct(private readonly stdClass $values)
    {
    }

    public static function of(Model $domain): self
    {
        $values = json_decode((string) ($domain->getAttributes()['sync_metadata'] ?? ''));

        return new self($values instanceof stdClass ? $values : new stdClass());
    }

    public function withoutFailure(): self
    {
        return new self((object) array_diff_key((array) $this->values, array_flip(self::FAILURE)));
    }

    /** @param array<string, mixed> $values */
    public function with(array $values): self
    {
        return new self((object) array_replace((array) $this->values, $values));
    }

    /** With a call for a person to look, since when it first was made. */
    public function askingForReview(string $reason): self
    {
        return $this->with([
            'needs_review' => true,
            'review_reason' => $reason,
            'review_since' => $this->values->review_since ?? Carbon::now()->utc()->toIso8601String(),
        ]);
    }

    public function asksForReview(): bool
    {
        return ($this->values->needs_review ?? false) === true;
    }

    /** Puts it into a model, in the words in which Eloquent writes JSON. Nothing is saved. */
    public function into(Model $domain): void
    {
        $domain->setRawAttributes(['sync_metadata' => json_encode($this->values, JSON_THROW_ON_ERROR)] + $domain->getAttributes());
    }
}
