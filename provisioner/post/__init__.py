"""Mail and webhooks: the ways out to people who do not look at a page. What goes out holds a case number and a sentence, and nothing personal."""
