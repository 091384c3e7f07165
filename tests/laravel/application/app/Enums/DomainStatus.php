<?php

declare(strict_types=1);

namespace App\Enums;

enum DomainStatus: string
{
    case PendingRegistration = 'pending_registration';
    case Active = 'active';
    case Expired = 'expired';
    case GracePeriod = 'grace_period';
    case Redemption = 'redemption';
    case Suspended = 'suspended';
    case TransferredOut = 'transferred_out';
    case PendingTransfer = 'pending_transfer';
    case TransferInProgress = 'transfer_in_progress';
    case TransferApproved = 'transfer_approved';
    case TransferCompleted = 'transfer_completed';
    case TransferFailed = 'transfer_failed';
    case TransferCancelled = 'transfer_cancelled';
}
