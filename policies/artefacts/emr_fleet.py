"""Instance fleets, whoever describes them: a RunJobFlow request (Fleet…) or Terraform's resources (fleet_…).

Rules that two artefacts share stand here once; the checks say which artefact they judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.errors import Undecided
from policies.values import Block

SPOT_STRATEGIES = ("capacity-optimized", "price-capacity-optimized")
LEAST_TYPES, WISH_TYPES, LEAST_FAMILIES = 5, 10, 2
ROLES = ("MASTER", "CORE", "TASK")
INSTANCE_TYPE = re.compile(r"(?P<family>[a-z][a-z0-9-]*)\.(?:(?P<count>\d*)(?P<size>xlarge)|(?P<small>large))")


@dataclass(frozen=True)
class InstanceType:
    """One type of a fleet. `cap` is the price limit as written, empty when there is none below On-Demand's price."""

    name: str
    weight: int
    cap: str


@dataclass(frozen=True)
class Fleet:
    """One fleet.

    Attributes:
        role: MASTER, CORE or TASK.
        on_demand, spot: target capacity in units.
        strategy, timeout_minutes, timeout_action: of Spot at launch; empty and 0 when not said.
        resize_minutes: of Spot at growth; None where the artefact has no word for it.
    """

    role: str
    on_demand: int
    spot: int
    types: tuple[InstanceType, ...]
    strategy: str = ""
    timeout_minutes: int = 0
    timeout_action: str = ""
    resize_minutes: int | None = None

    @property
    def heaviest(self) -> int:
        """Most units that one node counts."""
        return max((type_.weight for type_ in self.types), default=1)

    @property
    def least_nodes(self) -> int:
        """How few On-Demand nodes fill the fleet, when EMR takes the heaviest type."""
        return -(-self.on_demand // max(self.heaviest, 1))


def job_flow_fleets(document: Block) -> list[Fleet]:
    """Return the fleets of a RunJobFlow request; empty when it uses instance groups.

    Raises:
        Undecided: a role is none of EMR's, or two fleets have one.
    """
    fleets = [_job_flow_fleet(block) for block in document.blocks("Instances.InstanceFleets")]
    roles = [fleet.role for fleet in fleets]
    if len(set(roles)) != len(roles) or not set(roles) <= set(ROLES):
        raise Undecided(f"the fleets are {', '.join(roles)}, not one each of {', '.join(ROLES)}")
    return fleets


def _job_flow_fleet(block: Block) -> Fleet:
    spot = block.block("LaunchSpecifications.SpotSpecification")
    return Fleet(
        role=str(block.get("InstanceFleetType")),
        on_demand=number(block, "TargetOnDemandCapacity"),
        spot=number(block, "TargetSpotCapacity"),
        types=tuple(
            InstanceType(
                str(item.get("InstanceType")),
                number(item, "WeightedCapacity", 1),
                _cap(item.get("BidPrice"), item.get("BidPriceAsPercentageOfOnDemandPrice")),
            )
            for item in block.blocks("InstanceTypeConfigs")
        ),
        strategy=str(spot.get("AllocationStrategy") or ""),
        timeout_minutes=number(spot, "TimeoutDurationMinutes"),
        timeout_action=str(spot.get("TimeoutAction") or ""),
        resize_minutes=number(block, "ResizeSpecifications.SpotResizeSpecification.TimeoutDurationMinutes"),
    )


def terraform_fleet(block: Block, role: str) -> Fleet:
    """Return the fleet of an `aws_emr_instance_fleet` or of a cluster's fleet block."""
    spot = block.block("launch_specifications").block("spot_specification")
    return Fleet(
        role=role,
        on_demand=number(block, "target_on_demand_capacity"),
        spot=number(block, "target_spot_capacity"),
        types=tuple(
            InstanceType(
                str(item.get("instance_type")),
                number(item, "weighted_capacity", 1),
                _cap(item.get("bid_price"), item.get("bid_price_as_percentage_of_on_demand_price")),
            )
            for item in block.blocks("instance_type_configs")
        ),
        strategy=str(spot.get("allocation_strategy") or ""),
        timeout_minutes=number(spot, "timeout_duration_minutes"),
        timeout_action=str(spot.get("timeout_action") or ""),
    )


def _cap(price: object, percentage: object) -> str:
    """Return the price limit; 100 per cent of On-Demand's price, the provider's default, is none."""
    if price not in (None, ""):
        return f"bid price {price}"
    is_none = percentage is None or (isinstance(percentage, int | float) and percentage >= 100)
    return "" if is_none else f"{percentage} % of the On-Demand price"


def spot_problems(fleet: Fleet) -> Iterator[str]:
    """Yield why Spot capacity of this fleet would be scarce, dear or stuck."""
    if fleet.strategy not in SPOT_STRATEGIES:
        yield f"allocation strategy {fleet.strategy!r} is none of {', '.join(SPOT_STRATEGIES)}"
    if not 5 <= fleet.timeout_minutes <= 60:
        yield f"Spot timeout of {fleet.timeout_minutes} minutes is not between 5 and 60"
    if fleet.timeout_action != "SWITCH_TO_ON_DEMAND":
        yield f"timeout action {fleet.timeout_action!r} does not fall back to On-Demand"
    if fleet.resize_minutes is not None and fleet.resize_minutes < 5:
        yield "no timeout is set for Spot capacity that is added later (ResizeSpecifications)"
    for type_ in fleet.types:
        if type_.cap:
            yield f"{type_.name} is capped at {type_.cap}"
    yield from _variety_problems(fleet)


def _variety_problems(fleet: Fleet) -> Iterator[str]:
    names = {type_.name for type_ in fleet.types}
    if len(names) < LEAST_TYPES:
        yield f"{len(names)} instance types are fewer than {LEAST_TYPES}"
    sizes = {type_.name: size_of(type_.name) for type_ in fleet.types}
    families = {family for family, _ in sizes.values()}
    if len(families) < LEAST_FAMILIES:
        yield f"all types are of the family {', '.join(sorted(families)) or 'none'}"
    if any(type_.weight < 1 for type_ in fleet.types):
        yield "a type counts less than one unit"
    ratios = {type_.weight / sizes[type_.name][1] for type_ in fleet.types}
    if len(ratios) > 1:
        weights = ", ".join(f"{type_.name}={type_.weight}" for type_ in fleet.types)
        yield f"weights are not proportional to sizes: {weights}"


def size_of(name: str) -> tuple[str, float]:
    """Return (family, size in units of xlarge) of an instance type.

    Raises:
        Undecided: it is not a type whose size its name says, such as one of bare metal.
    """
    match = INSTANCE_TYPE.fullmatch(name)
    if match is None:
        raise Undecided(f"the size of the instance type {name!r} cannot be read from its name")
    return match["family"], 0.5 if match["small"] else float(match["count"] or 1)


def number(block: Block, path: str, default: int = 0) -> int:
    """Return the whole number at `path`, `default` when it is absent.

    Raises:
        Undecided: what stands there is no whole number.
    """
    value = block.get(path)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise Undecided(f"{block.path}.{path} is {value!r}, not a whole number")
    return int(value)


@dataclass(frozen=True)
class Limits:
    """What managed scaling may do, in units; 0 where nothing is said."""

    unit: str
    least: int
    most: int
    most_core: int
    most_on_demand: int


def job_flow_limits(document: Block) -> Limits:
    limits = document.block("ManagedScalingPolicy.ComputeLimits")
    return Limits(
        str(limits.get("UnitType") or ""),
        number(limits, "MinimumCapacityUnits"),
        number(limits, "MaximumCapacityUnits"),
        number(limits, "MaximumCoreCapacityUnits"),
        number(limits, "MaximumOnDemandCapacityUnits"),
    )


def terraform_limits(policy: Block) -> Limits:
    limits = policy.block("compute_limits")
    return Limits(
        str(limits.get("unit_type") or ""),
        number(limits, "minimum_capacity_units"),
        number(limits, "maximum_capacity_units"),
        number(limits, "maximum_core_capacity_units"),
        number(limits, "maximum_ondemand_capacity_units"),
    )


def scaling_problems(limits: Limits, core: Fleet, on_demand: int) -> Iterator[str]:
    """Yield how managed scaling would leave the plan.

    Args:
        on_demand: what core and task fleets are to have On-Demand, in units.
    """
    if limits.unit != "InstanceFleetUnits":
        yield f"managed scaling counts in {limits.unit!r}, not InstanceFleetUnits"
    if limits.least <= core.heaviest:
        yield f"it may shrink the cluster to {limits.least} units; HDFS needs two core nodes"
    if limits.most < max(core.on_demand, limits.least):
        yield f"its most, {limits.most} units, is less than the {core.on_demand} core units"
    if limits.most_core != core.on_demand:
        yield f"it may have {limits.most_core} core units where the core fleet has {core.on_demand}"
    if limits.most_on_demand != on_demand:
        yield f"it may have {limits.most_on_demand} On-Demand units where {on_demand} are planned"


def type_problems(fleet: Block, path: str) -> Iterator[str]:
    """Yield what single types of a fleet have of their own, which no check of the cluster's settings would see."""
    for item in fleet.blocks(path):
        for key in ("Configurations", "configurations", "CustomAmiId", "custom_ami_id"):
            if item.get(key):
                yield f"{item.get('InstanceType') or item.get('instance_type')} has {key} of its own"
