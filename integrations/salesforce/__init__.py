"""The one door to Salesforce: a library without models that can speak to any server."""
