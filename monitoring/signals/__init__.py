"""When something heard is worth a signal, why, and how good that judgement was."""
