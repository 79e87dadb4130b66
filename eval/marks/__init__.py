"""How an answer is marked against gold: values, words, negation, roles, refusals, agreement with the teacher."""
