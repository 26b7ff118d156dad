"""How often people and the model say the same, and how far that share could be off by chance. Pure."""

from dataclasses import dataclass
from math import sqrt

Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Agreement:
    """n: posts judged by people; agreed: of these, the model had said the same."""

    n: int
    agreed: int

    @property
    def share(self) -> float | None:
        return self.agreed / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the share after Wilson (1927), which stays within 0 and 1 for the fewest of posts, too."""
        if not self.n:
            return None
        share, z2 = self.agreed / self.n, Z * Z / self.n
        middle, half = share + z2 / 2, Z * sqrt(share * (1 - share) / self.n + z2 / (4 * self.n))
        return max((middle - half) / (1 + z2), 0.0), min((middle + half) / (1 + z2), 1.0)


def agreement(pairs: dict[tuple[str, str], int]) -> Agreement:
    """pairs: (what a person said, what the model said) -> how many posts."""
    return Agreement(sum(pairs.values()), sum(count for (said, told), count in pairs.items() if said == told))
